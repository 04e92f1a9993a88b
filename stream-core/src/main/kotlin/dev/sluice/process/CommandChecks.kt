@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.charset.Charset

/** What the JDK would cut, replace or report in words of its own is refused here, before anything starts. */
internal fun checkCommand(command: List<String>) {
    require(command.isNotEmpty()) { "there is no command: the first argument is the program to run" }
    require(command.first().isNotEmpty()) { "the name of the program to run is empty" }
    command.forEachIndexed { i, argument ->
        checkPassable(argument) {
            if (i ==
                0
            ) {
                "the program's name"
            } else {
                "argument $i of ${command[0]}"
            }
        }
    }
}

internal fun checkVariable(
    name: String,
    value: String?,
) {
    require(name.isNotEmpty()) { "env has a variable without a name" }
    require('=' !in name) { "env has a variable with '=' in its name: $name" }
    checkPassable(name) { "the name of the variable $name" }
    if (value != null) checkPassable(value) { "the variable $name" }
}

private inline fun checkPassable(
    text: String,
    what: () -> String,
) {
    require('\u0000' !in text) { "${what()} has a NUL character, where the system would cut it" }
    require(systemCharset.newEncoder().canEncode(text)) {
        "${what()} has a character that $systemCharset, the system's encoding of arguments, can't express: start the JVM with LC_ALL=C.UTF-8"
    }
}

/** What the JDK encodes arguments and variables with, replacing what it can't by question marks. */
private val systemCharset: Charset by lazy { Charset.forName(System.getProperty("sun.jnu.encoding") ?: "UTF-8") }
