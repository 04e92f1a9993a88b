package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldEndWith
import org.slf4j.LoggerFactory

internal class LogCaptureTest :
    FunSpec({
        val logger = LoggerFactory.getLogger(LogCaptureTest::class.java)
        val name = LogCaptureTest::class.java.name

        test("warnings and the traces of what failed are caught") {
            val lines =
                captureLog().use { log ->
                    logger.debug("nobody asked")
                    logger.warn("look", IllegalStateException("here"))
                    log.lines
                }
            lines[0] shouldEndWith "WARN $name - look"
            lines shouldContain "java.lang.IllegalStateException: here"
        }
        test("debugging is caught where it is asked for, and only then") {
            captureLog(LogCaptureTest::class.java).use { log ->
                logger.debug("look")
                log.lines shouldHaveSize 1
                log.lines[0] shouldEndWith "DEBUG $name - look"
            }
            captureLog().use { log ->
                logger.debug("nobody asked")
                log.lines shouldBe emptyList()
            }
        }
    })
