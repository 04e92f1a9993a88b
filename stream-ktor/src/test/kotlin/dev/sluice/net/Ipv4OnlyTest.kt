package dev.sluice.net

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import java.io.File

internal class Ipv4OnlyTest :
    FunSpec({
        test(
            "J-035 without IPv6 an IPv6 address is an IOException, and in a race it is left behind like one that can't be reached",
        ) {
            val lines = runInterruptible(Dispatchers.IO) { withoutIpv6("dev.sluice.net.Ipv4OnlyProgramKt") }
            withClue(lines) {
                val told = lines.lines().filter { ": " in it }.associate { it.substringBefore(": ") to it.substringAfter(": ") }
                told["address"] shouldStartWith "java.net.SocketException: this JVM can't use addresses of this kind: ::1:PORT ("
                told["name"] shouldStartWith "java.net.UnknownHostException: localhost: no IPV6 address"
                told["race"] shouldBe "/127.0.0.1:PORT"
                told["lost race"] shouldStartWith "dev.sluice.AllAddressesFailedException: none of 2 addresses could be reached: "
                told["lost race"] shouldContain "this JVM can't use addresses of this kind: db:PORT ("
            }
        }
    })

/** What [program] prints in a JVM of its own that has no IPv6. */
private fun withoutIpv6(program: String): String {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val path = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
    val child =
        ProcessBuilder(java, "-Djava.net.preferIPv4Stack=true", "-cp", path, program)
            .redirectErrorStream(true)
            .start()
    try {
        val output = child.inputStream.bufferedReader().readText()
        withClue(output) { child.waitFor() shouldBe 0 }
        return output
    } finally {
        child.destroyForcibly()
    }
}
