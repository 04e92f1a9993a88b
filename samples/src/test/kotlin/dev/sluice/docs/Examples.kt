package dev.sluice.docs

import java.lang.reflect.InvocationTargetException
import java.net.URLClassLoader
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** All examples of some pages, compiled into the folder [output]. */
internal class Examples(
    pages: List<Page>,
    output: Path,
) {
    private val sources = ArrayList<Source>()

    /** What the compilers found wrong. */
    val errors: List<String> =
        compile(pages, KotlinExamples, Language.KOTLIN, output) + compile(pages, JavaExamples, Language.JAVA, output)

    private val classes = URLClassLoader(arrayOf(output.toUri().toURL()), Examples::class.java.classLoader)

    private fun compile(
        pages: List<Page>,
        compiler: ExampleCompiler,
        language: Language,
        output: Path,
    ): List<String> {
        val own = ArrayList<Source>()
        for (page in pages) {
            val members = page.members(language).takeIf { it.isNotEmpty() }?.let(compiler::members)
            own += listOfNotNull(members)
            own += page.examples.filter { it.language == language }.map { compiler.source(it, members) }
        }
        sources += own
        return if (own.isEmpty()) emptyList() else compiler.compile(own, output)
    }

    /** What it throws names the line of the page. */
    fun run(
        example: Example,
        limit: Duration = 60.seconds,
    ) {
        val method = classes.loadClass(example.className).getMethod(example.methodName)
        val failure = capturingOutput { failureWithin(limit) { method.invoke(null) } } ?: return
        val cause = if (failure is InvocationTargetException) failure.targetException else failure
        val frames = PageFrames(sources)
        frames.putInto(cause)
        throw AssertionError("${frames.placeOf(cause) ?: example.place}: $cause", cause)
    }
}
