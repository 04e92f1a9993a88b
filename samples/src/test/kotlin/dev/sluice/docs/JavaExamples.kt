package dev.sluice.docs

import java.io.StringWriter
import java.net.URI
import java.nio.file.Path
import java.util.Locale
import javax.tools.Diagnostic
import javax.tools.DiagnosticCollector
import javax.tools.JavaFileObject
import javax.tools.SimpleJavaFileObject
import javax.tools.ToolProvider

/** Makes a class of each example, with a static method. What the examples of a page share is their superclass. */
internal object JavaExamples : ExampleCompiler {
    private val imports =
        listOf("", "async.", "transport.", "process.", "tls.", "net.", "testing.").map { "dev.sluice.$it*" } +
            listOf("util", "util.concurrent", "time", "io", "net", "nio", "nio.channels", "nio.file").map { "java.$it.*" } +
            listOf("static java.nio.charset.StandardCharsets.UTF_8", "static dev.sluice.docs.Printed.printed")

    override fun source(
        example: Example,
        members: Source?,
    ): Source {
        val name = example.className.substringAfterLast('.')
        return Source.of(example.page, "${example.className}.java", example.lines) { imports, code ->
            head(example.page, imports)
            +(if (members == null) "public class $name {" else "public class $name extends Members {")
            +"public static void ${example.methodName}() throws Exception {"
            +code
            +"}}"
        }
    }

    override fun members(blocks: List<Block>): Source {
        val page = blocks.first().page
        return Source.of(page, "${Example.packageOf(page)}.Members.java", blocks.flatMap { it.lines }) { imports, code ->
            head(page, imports)
            +"abstract class Members {"
            +code
            +"}"
        }
    }

    private fun Source.Builder.head(
        page: String,
        ownImports: List<Line>,
    ) {
        +"package ${Example.packageOf(page)};"
        +ownImports
        imports.forEach { +"import $it;" }
    }

    override fun compile(
        sources: List<Source>,
        output: Path,
    ): List<String> {
        val found = DiagnosticCollector<JavaFileObject>()
        val options =
            listOf("--release", System.getProperty("pages.jvm.target"), "-proc:none", "-Xlint:none", "-nowarn") +
                listOf("-cp", System.getProperty("java.class.path"), "-d", output.toString())
        val said = StringWriter()
        ToolProvider.getSystemJavaCompiler().getTask(said, null, found, options, null, sources.map(::InMemory)).call()
        return found.diagnostics.filter { it.kind == Diagnostic.Kind.ERROR }.map { error ->
            val message = error.getMessage(Locale.ROOT)
            val source = error.source?.let { sources.named(it.name.removePrefix("/")) }
            if (source == null) message else "${source.place(error.lineNumber.toInt())}: $message"
        }
    }

    private class InMemory(
        private val source: Source,
    ) : SimpleJavaFileObject(URI("string:///${source.fileName}"), JavaFileObject.Kind.SOURCE) {
        override fun getCharContent(ignoreEncodingErrors: Boolean) = source.text

        /** Its file has the name of its package, too, so that it is like no other page's. */
        override fun isNameCompatible(
            simpleName: String,
            kind: JavaFileObject.Kind,
        ) = kind == this.kind
    }
}
