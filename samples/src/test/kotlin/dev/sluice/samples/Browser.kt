package dev.sluice.samples

import dev.sluice.Delimited
import dev.sluice.framed
import dev.sluice.process.StreamProcess
import dev.sluice.process.startProcess
import java.net.URLDecoder
import java.nio.file.Path

/**
 * A headless Chromium with one page, by the DevTools protocol: messages of JSON, each with a zero byte behind it, over two
 * pipes. They are of our own making, and the answers few: no parser is needed.
 */
internal class Browser private constructor(
    private val process: StreamProcess,
) : AutoCloseable by process {
    private val messages = process.asConnection().framed(Delimited(byteArrayOf(0)))
    private var calls = 0
    private var session = ""

    /** Returns when the page has loaded. */
    suspend fun open(url: String) {
        val target = call("Target.createTarget", """{"url":"about:blank"}""").string("targetId")
        session = call("Target.attachToTarget", """{"targetId":"$target","flatten":true}""").string("sessionId")
        call("Page.enable")
        call("Page.navigate", """{"url":"$url"}""")
        while (!next().startsWith("""{"method":"Page.loadEventFired"""")) continue
    }

    /** The text of an element, its lines separated by bars, as soon as it has so many whole ones. */
    suspend fun lines(
        element: String,
        count: Int,
    ): String {
        val script =
            """
            new Promise(done => {
              const element = document.getElementById('$element')
              const look = () => {
                const lines = element.textContent.split('\n').slice(0, -1)
                if (lines.length >= $count) done(encodeURIComponent(lines.join('|')))
              }
              new MutationObserver(look).observe(element, {childList: true})
              look()
            })
            """.trimIndent().replace("\\", "\\\\").replace("\n", "\\n")
        val encoded = call("Runtime.evaluate", """{"expression":"$script","awaitPromise":true}""").string("value")
        return URLDecoder.decode(encoded, Charsets.UTF_8)
    }

    private suspend fun call(
        method: String,
        parameters: String = "{}",
    ): String {
        val id = ++calls
        val of = if (session.isEmpty()) "" else ""","sessionId":"$session""""
        messages.send("""{"id":$id,"method":"$method","params":$parameters$of}""".toByteArray())
        while (true) {
            val message = next()
            if (message.startsWith("""{"id":$id,""")) return message
        }
    }

    private suspend fun next() =
        messages.receive()?.decodeToString() ?: throw AssertionError("the browser has ended with ${process.awaitExit()}")

    private fun String.string(name: String) =
        Regex(""""$name":"([^"]*)"""").find(this)?.groupValues?.get(1) ?: throw AssertionError("no $name in $this")

    companion object {
        suspend fun start(folder: Path): Browser {
            // Root has no sandbox, and a container's /dev/shm is small.
            val where = arrayOf("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
            val own = arrayOf("--user-data-dir=$folder", "--no-first-run", "--remote-debugging-pipe")
            // It asks nothing of the network by itself.
            val alone = arrayOf("--no-proxy-server", "--disable-background-networking", "--disable-component-update")
            // What it is told it reads from 3, and answers on 4.
            val shell = listOf("sh", "-c", """exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1""", "sh")
            return Browser(startProcess(shell + Tool.CHROMIUM.command(*where, *own, *alone)))
        }
    }
}
