package dev.sluice.docs

import org.jetbrains.kotlin.cli.common.arguments.K2JVMCompilerArguments
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSeverity
import org.jetbrains.kotlin.cli.common.messages.CompilerMessageSourceLocation
import org.jetbrains.kotlin.cli.common.messages.MessageCollector
import org.jetbrains.kotlin.cli.jvm.K2JVMCompiler
import org.jetbrains.kotlin.config.Services
import java.nio.file.Files
import java.nio.file.Path

/** Makes a file of each example: a suspending function, and one that waits for it. */
internal object KotlinExamples : ExampleCompiler {
    private val imports =
        listOf("", "transport.", "process.", "tls.", "net.", "testing.").map { "dev.sluice.$it*" } +
            listOf("dev.sluice.docs.printed", "kotlinx.coroutines.*", "kotlinx.coroutines.flow.*", "kotlin.time.*") +
            listOf("seconds", "milliseconds", "minutes").map { "kotlin.time.Duration.Companion.$it" } +
            listOf("io", "net", "nio", "nio.channels", "nio.file").map { "java.$it.*" }

    override fun source(
        example: Example,
        members: Source?,
    ): Source {
        val function = "example${example.line}"
        return Source.of(example.page, "${example.className}.kt", example.lines) { imports, code ->
            +"@file:JvmName(\"${example.className.substringAfterLast('.')}\")"
            head(example.page, imports)
            +"fun ${example.methodName}() = runBlocking { $function() }"
            +"suspend fun CoroutineScope.$function() {"
            +code
            +"}"
        }
    }

    override fun members(blocks: List<Block>): Source {
        val page = blocks.first().page
        return Source.of(page, "${Example.packageOf(page)}.Members.kt", blocks.flatMap { it.lines }) { imports, code ->
            head(page, imports)
            +code
        }
    }

    private fun Source.Builder.head(
        page: String,
        ownImports: List<Line>,
    ) {
        +"package ${Example.packageOf(page)}"
        +ownImports
        imports.forEach { +"import $it" }
    }

    override fun compile(
        sources: List<Source>,
        output: Path,
    ): List<String> {
        val folder = Files.createDirectories(output.resolve("kotlin"))
        val messages = Messages(sources)
        val arguments =
            K2JVMCompilerArguments().apply {
                freeArgs = sources.map { Files.writeString(folder.resolve(it.fileName), it.text).toString() }
                classpath = System.getProperty("java.class.path")
                destination = output.toString()
                noStdlib = true
                noReflect = true
                suppressWarnings = true
                jvmTarget = System.getProperty("pages.jvm.target")
                jdkRelease = jvmTarget
                languageVersion = System.getProperty("pages.kotlin.version")
                apiVersion = languageVersion
            }
        K2JVMCompiler().exec(messages, Services.EMPTY, arguments)
        return messages.errors
    }

    private class Messages(
        private val sources: List<Source>,
    ) : MessageCollector {
        val errors = ArrayList<String>()

        override fun clear() = errors.clear()

        override fun hasErrors() = errors.isNotEmpty()

        override fun report(
            severity: CompilerMessageSeverity,
            message: String,
            location: CompilerMessageSourceLocation?,
        ) {
            if (!severity.isError) return
            val source = location?.let { sources.named(it.path.substringAfterLast('/')) }
            errors += if (source == null) message else "${source.place(location.line)}: $message"
        }
    }
}
