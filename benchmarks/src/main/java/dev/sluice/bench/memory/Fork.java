package dev.sluice.bench.memory;

import dev.sluice.bench.remote.Launcher;
import dev.sluice.bench.run.Metric;
import dev.sluice.bench.run.Sample;
import dev.sluice.bench.run.Settings;
import java.io.IOException;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One JVM in which JMH measures one method. */
record Fork(Options options) {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    private static final int ITERATIONS = 3;

    static Fork of(Settings settings, Class<?> benchmark, String method, String parameter) {
        String[] value = parameter.split("=");
        TimeValue iteration = TimeValue.milliseconds(settings.millis() / ITERATIONS);
        return new Fork(new OptionsBuilder()
                .include("\\." + benchmark.getSimpleName() + "\\." + method + "$")
                .param(value[0], value[1])
                .forks(1)
                .jvmArgs(Launcher.JVM_FLAGS.toArray(String[]::new))
                .warmupIterations(ITERATIONS)
                .warmupTime(iteration)
                .measurementIterations(ITERATIONS)
                .measurementTime(iteration)
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build());
    }

    /** Warming up takes as long as measuring; on top comes the start of a JVM. */
    static double secondsOf(Settings settings) {
        return 2 * settings.seconds() + 1;
    }

    Sample measure() throws IOException {
        try {
            RunResult result = new Runner(options).runSingle();
            Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
            return new Sample()
                    .with(Metric.RATE, 1e9 / result.getPrimaryResult().getScore())
                    // The profiler sees a little of what the JVM allocates for itself.
                    .with(Metric.ALLOCATED, Math.round(10 * allocated.getScore()) / 10.0);
        } catch (RunnerException e) {
            throw new IOException("JMH could not run " + options.getIncludes(), e);
        }
    }
}
