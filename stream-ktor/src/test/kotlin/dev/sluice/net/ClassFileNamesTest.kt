package dev.sluice.net

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import java.io.DataInputStream
import java.net.URI
import java.nio.file.FileSystems
import java.nio.file.Files
import java.nio.file.Path
import kotlin.streams.toList

internal class ClassFileNamesTest :
    FunSpec({
        test("J-030 no class names a class of Java 16, so that all of them load on Java 11") {
            ourClasses().filterValues { names -> names.any { "java/net/UnixDomainSocketAddress" in it } }.keys shouldBe emptySet()
        }

        test("J-022 nobody asks a channel for its socket, which a Unix channel does not have") {
            val sockets = setOf("()Ljava/net/Socket;", "()Ljava/net/ServerSocket;")
            ourClasses().filterValues { names -> names.any(sockets::contains) }.keys shouldBe emptySet()
        }

        test("the names of class files are all seen") {
            ourClasses().getValue("UnixSockets.class") shouldContain "io/ktor/network/sockets/UnixSocketAddress"
        }
    })

/** By the names of our compiled classes, all texts in their constant pools: what they refer to is among them. */
private fun ourClasses(): Map<String, Set<String>> {
    val place =
        URI.create(
            EventLoop::class.java.protectionDomain.codeSource.location
                .toString(),
        )
    val path = Path.of(place)
    val names =
        if (Files.isDirectory(path)) {
            namesIn(path)
        } else {
            FileSystems.newFileSystem(path, null as ClassLoader?).use { namesIn(it.getPath("/")) }
        }
    return names.also { it.keys.shouldNotBeEmpty() }
}

private fun namesIn(root: Path): Map<String, Set<String>> =
    Files
        .walk(root)
        .use { files -> files.filter { it.toString().endsWith(".class") }.toList() }
        .associate { it.fileName.toString() to namesOf(it) }

private fun namesOf(file: Path): Set<String> =
    DataInputStream(Files.newInputStream(file).buffered()).use { data ->
        check(data.readInt() == 0xCAFEBABE.toInt()) { "$file is no class file" }
        data.skipBytes(4)
        val names = HashSet<String>()
        val count = data.readUnsignedShort()
        var index = 1
        while (index < count) {
            when (val tag = data.readUnsignedByte()) {
                1 -> names += data.readUTF()
                7, 8, 16, 19, 20 -> data.skipBytes(2)
                15 -> data.skipBytes(3)
                3, 4, 9, 10, 11, 12, 17, 18 -> data.skipBytes(4)
                5, 6 -> data.skipBytes(8).also { index++ }
                else -> error("a constant of kind $tag in $file")
            }
            index++
        }
        names
    }
