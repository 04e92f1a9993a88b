package dev.sluice.net

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** Gives [use] a path for a socket, in a folder that is this user's alone, so that nobody else can come first. */
internal inline fun <T> inPrivateFolder(use: (Path) -> T): T {
    val folder = Files.createTempDirectory("sluice")
    val file = folder.resolve("pair")
    try {
        return use(file)
    } finally {
        remove(folder, file)
    }
}

private fun remove(
    folder: Path,
    file: Path,
) {
    try {
        Files.deleteIfExists(file)
        Files.deleteIfExists(folder)
    } catch (_: IOException) {
        // What was made there is good without it, and the system clears the place from time to time.
    }
}
