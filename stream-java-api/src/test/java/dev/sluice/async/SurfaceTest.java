package dev.sluice.async;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.Connection;
import dev.sluice.Framed;
import dev.sluice.StreamReader;
import dev.sluice.StreamWriter;
import dev.sluice.TextReader;
import dev.sluice.net.StreamServer;
import dev.sluice.process.Sandbox;
import dev.sluice.process.StreamProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kotlin.coroutines.Continuation;
import org.junit.jupiter.api.Test;

/** What Java callers see, beside what Kotlin callers see. */
final class SurfaceTest {
    private static final String PUBLISHED = published();

    private static final Map<Class<?>, Class<?>> TWINS = Map.of(
            StreamReader.class, AsyncStreamReader.class,
            StreamWriter.class, AsyncStreamWriter.class,
            TextReader.class, AsyncTextReader.class,
            Connection.class, AsyncConnection.class,
            Framed.class, AsyncFramed.class,
            StreamServer.class, AsyncServer.class,
            StreamProcess.class, AsyncProcess.class,
            Sandbox.class, AsyncSandbox.class);

    /** What has another name in Java: it is a part of the language there, or has no get in front. */
    private static final Map<String, String> OTHER_NAMES = Map.of("asFlow", "chunks");

    /**
     * An offset without a length is one of the defaults of Kotlin; an array and options after it are a list and options in Java; and who has a transport of one's own
     * writes Kotlin.
     */
    private static final Set<String> ONLY_FOR_KOTLIN = Set.of(
            "write(byte[], int)",
            "exec(String[], ProcessOptions)",
            "startProcess(String[], ProcessOptions)",
            "withTls(Transport, TlsOptions)");

    /** For loops and destructuring, which Java has not. */
    private static final Set<String> ONLY_KOTLIN = Set.of("iterator", "component1", "component2");

    @Test
    void everyOperationOfKotlinHasItsTwin() {
        List<String> missing = new ArrayList<>();
        TWINS.forEach((kotlin, java) -> {
            Set<String> there = operations(java).map(SurfaceTest::signature).collect(Collectors.toSet());
            operations(kotlin)
                    .filter(it -> !ONLY_KOTLIN.contains(it.getName()))
                    .filter(SurfaceTest::isPublished)
                    .map(SurfaceTest::signature)
                    .filter(it -> !there.contains(it) && !ONLY_FOR_KOTLIN.contains(it))
                    .forEach(it -> missing.add(kotlin.getSimpleName() + "." + it));
        });
        assertEquals(List.of(), missing);
    }

    @Test
    void everyFunctionOutsideOfClassesHasItsTwin() throws ClassNotFoundException {
        Set<String> there =
                operations(AsyncStreams.class).map(SurfaceTest::signature).collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (String name : classesOfFunctions()) {
            operations(Class.forName(name))
                    .filter(SurfaceTest::isPublished)
                    .filter(it -> !there.contains(withOptionsLast(signature(it))) && !isOperationOfItsFirst(it))
                    .map(SurfaceTest::signature)
                    .filter(it -> !ONLY_FOR_KOTLIN.contains(it))
                    .forEach(it -> missing.add(name + "." + it));
        }
        assertEquals(Set.of(), missing);
    }

    /** Whether the twin of the first parameter has it, as that of an extension function. */
    private static boolean isOperationOfItsFirst(Method method) {
        Class<?> twin = TWINS.get(method.getParameterTypes()[0]);
        return twin != null
                && operations(twin)
                        .map(SurfaceTest::signature)
                        .anyMatch(it -> it.equals(signature(method).replaceFirst("\\(\\w+(, )?", "(")));
    }

    /** Those whose published members are all static: what Kotlin makes of a file of functions. Ktor's own types are for Kotlin. */
    private static List<String> classesOfFunctions() {
        return Pattern.compile(
                        "public (?:final|abstract interface) class (dev/sluice/(?:net/|process/|tls/)?\\w+) \\{\n(.*?)\n}",
                        Pattern.DOTALL)
                .matcher(PUBLISHED)
                .results()
                .filter(it -> it.group(2).lines().allMatch(line -> line.contains("public static")))
                .filter(it -> !it.group(2).contains("io/ktor/") && !it.group(2).contains("kotlinx/io/"))
                .map(it -> it.group(1).replace('/', '.'))
                .collect(Collectors.toList());
    }

    @Test
    void noSignatureHasATypeOfKotlin() {
        List<String> foreign = Stream.concat(
                        TWINS.values().stream(),
                        Stream.of(AsyncStreams.class, ConnectionHandler.class, AsyncCodec.class))
                .flatMap(SurfaceTest::operations)
                .map(Method::toGenericString)
                .filter(it -> it.contains("kotlin"))
                .collect(Collectors.toList());
        assertEquals(List.of(), foreign);
    }

    private static Stream<Method> operations(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(it -> Modifier.isPublic(it.getModifiers()) && !it.isSynthetic());
    }

    /** What is internal to a module of Kotlin is public for the JVM. */
    private static boolean isPublished(Method method) {
        String descriptor = MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .toMethodDescriptorString();
        return PUBLISHED.contains(" fun " + method.getName() + " " + descriptor);
    }

    private static String published() {
        try {
            return Files.readString(Path.of("../stream-core/api/stream-core.api"))
                    + Files.readString(Path.of("../stream-ktor/api/stream-ktor.api"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String signature(Method method) {
        return name(method)
                + Arrays.stream(method.getParameterTypes())
                        .filter(it -> it != Continuation.class)
                        .map(SurfaceTest::typeName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String name(Method method) {
        String name = method.getName();
        if (name.startsWith("get") && method.getParameterCount() == 0) {
            return Character.toLowerCase(name.charAt(3)) + name.substring(4);
        }
        return OTHER_NAMES.getOrDefault(name, name);
    }

    private static String typeName(Class<?> type) {
        if (type == CharSequence.class) {
            return "String";
        }
        if (type.getSimpleName().equals("Function2")) {
            return "ConnectionHandler";
        }
        return TWINS.getOrDefault(type, type).getSimpleName();
    }

    private static String withOptionsLast(String signature) {
        return signature.replaceAll("(ServerOptions), (ConnectionHandler)", "$2, $1");
    }
}
