package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** The compatibility kit of Reactive Streams is written for TestNG. */
@Timeout(600)
final class ReactiveStreamsTest {
    @Test
    void publishersKeepTheRulesOfReactiveStreams(@TempDir Path folder) {
        TestListenerAdapter results = new TestListenerAdapter();
        TestNG kit = new TestNG(false);
        kit.setTestClasses(new Class<?>[] {PublisherVerification.class});
        kit.setOutputDirectory(folder.toString());
        kit.addListener(results);
        kit.run();
        List<String> failed = results.getFailedTests().stream()
                .map(it -> it.getName() + ": " + it.getThrowable())
                .collect(Collectors.toList());
        assertEquals(List.of(), failed);
        assertTrue(
                results.getPassedTests().size() > 20,
                "only " + results.getPassedTests().size());
    }
}
