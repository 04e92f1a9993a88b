package dev.sluice.process

import dev.sluice.DEFAULT_LIMIT
import dev.sluice.DEFAULT_WRITE_LIMIT
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.nio.file.Path
import java.util.function.Consumer
import kotlin.time.Duration.Companion.seconds
import java.time.Duration as JavaDuration

internal class ProcessOptionsTest :
    FunSpec({
        test("what holds where nothing is said") {
            ProcessOptions.Default.run {
                workDir shouldBe null
                env shouldBe emptyMap()
                inheritEnv shouldBe true
                stdout shouldBe StreamType.PIPE
                stderr shouldBe StreamType.PIPE
                limit shouldBe DEFAULT_LIMIT
                writeLimit shouldBe DEFAULT_WRITE_LIMIT
                timeout shouldBe null
                pty shouldBe null
            }
            SandboxOptions.Default.run {
                workDir shouldBe null
                env shouldBe emptyMap()
                inheritEnv shouldBe false
                stdout shouldBe StreamType.PIPE
                stderr shouldBe StreamType.PIPE
                limit shouldBe DEFAULT_LIMIT
                writeLimit shouldBe DEFAULT_WRITE_LIMIT
                timeout shouldBe null
                pty shouldBe null
                limits shouldBeSameInstanceAs SandboxLimits.None
                launcher shouldBeSameInstanceAs Launcher.local()
            }
        }

        test("the builders of Java set the same") {
            ProcessOptions
                .builder()
                .workDir(
                    Path.of("/w"),
                ).env(mapOf("A" to "b"))
                .inheritEnv(false)
                .stdout(StreamType.STDOUT)
                .stderr(StreamType.MERGED)
                .limit(1)
                .writeLimit(2)
                .timeout(JavaDuration.ofSeconds(3))
                .pty(PtySize(4, 5))
                .build()
                .run {
                    workDir shouldBe Path.of("/w")
                    env shouldBe mapOf("A" to "b")
                    inheritEnv shouldBe false
                    stdout shouldBe StreamType.STDOUT
                    stderr shouldBe StreamType.MERGED
                    limit shouldBe 1
                    writeLimit shouldBe 2
                    timeout shouldBe 3.seconds
                    pty shouldBe PtySize(4, 5)
                }
            val held =
                SandboxLimits
                    .builder()
                    .cpuTime(JavaDuration.ofSeconds(1))
                    .memory(2)
                    .openFiles(3)
                    .processes(4)
                    .build()
            held.run {
                cpuTime shouldBe 1.seconds
                memory shouldBe 2
                openFiles shouldBe 3
                processes shouldBe 4
            }
            val bubble = Launcher.bubblewrap(Consumer { it.network(true).readOnly(Path.of("/r")).writable(Path.of("/w")) })
            SandboxOptions
                .builder()
                .workDir(
                    Path.of("w"),
                ).env(mapOf("A" to "b"))
                .inheritEnv(true)
                .stdout(StreamType.STDOUT)
                .stderr(StreamType.DEVNULL)
                .limit(1)
                .writeLimit(2)
                .timeout(JavaDuration.ofSeconds(3))
                .pty(null)
                .limits(held)
                .launcher(bubble)
                .build()
                .run {
                    workDir shouldBe Path.of("w")
                    env shouldBe mapOf("A" to "b")
                    inheritEnv shouldBe true
                    stdout shouldBe StreamType.STDOUT
                    stderr shouldBe StreamType.DEVNULL
                    limit shouldBe 1
                    writeLimit shouldBe 2
                    timeout shouldBe 3.seconds
                    pty shouldBe null
                    limits shouldBeSameInstanceAs held
                    launcher shouldBeSameInstanceAs bubble
                }
            "$bubble" shouldBe "Launcher.bubblewrap(network=true)"
            "${Launcher.local()}" shouldBe "Launcher.local()"
        }

        test("an options value does not change when what it was made of does") {
            val env = HashMap<String, String?>(mapOf("A" to "b"))
            val options = ProcessOptions { this.env = env }
            env["A"] = "c"
            options.env shouldBe mapOf("A" to "b")
        }
    })
