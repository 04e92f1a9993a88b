package dev.sluice.process.remote

import dev.sluice.process.KubernetesOptions
import dev.sluice.process.Launcher
import dev.sluice.process.SandboxLimits
import dev.sluice.process.output
import dev.sluice.process.sandbox
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.util.function.Consumer

internal class KubernetesTest :
    FunSpec({
        val places = RemotePlaces(this)
        val kubectl by lazy { places.standIn("kubectl", "kubectl") }

        places.each("the memory of a new pod", listOf(RemoteKind.NEW_POD)) { _, launcher ->
            sandbox(launcher) { limits = SandboxLimits { memory = 100_000_000 } }.use {
                it.output("echo", "held") shouldBe
                    "held\n"
            }
        }

        places.each(
            "a limit that a pod is not held to is refused",
            listOf(RemoteKind.POD, RemoteKind.NEW_POD),
        ) { kind, launcher ->
            shouldThrow<UnsupportedOperationException> { sandbox(launcher) { limits = SandboxLimits { processes = 5 } } }
            if (kind == RemoteKind.POD) {
                shouldThrow<UnsupportedOperationException> {
                    sandbox(
                        launcher,
                    ) { limits = SandboxLimits { memory = 5 } }
                }.message shouldContain
                    "worker-0"
            }
        }

        places.each("a pod that can't be had: the client's words", listOf(RemoteKind.POD)) { _, _ ->
            shouldThrow<IOException> { sandbox(Launcher.kubernetes(pod = "nope") { client = kubectl }) }.message shouldContain
                "pods \"nope\" not found"
            shouldThrow<IOException> { sandbox(Launcher.kubernetes(image = "nope") { client = kubectl }) }.message shouldContain
                "a pod of nope could not be started"
        }

        test("a client that is not installed") {
            shouldThrow<UnsupportedOperationException> {
                sandbox(Launcher.kubernetes(pod = "worker-0") { client = "nopenope" })
            }.message shouldContain "nopenope is not installed"
        }

        test("either a pod or an image, and neither is an option of the client") {
            shouldThrow<IllegalArgumentException> { Launcher.kubernetes() }
            shouldThrow<IllegalArgumentException> { Launcher.kubernetes(pod = "a", image = "b") }
            shouldThrow<IllegalArgumentException> { Launcher.kubernetes(pod = "--all") }
            shouldThrow<IllegalArgumentException> { Launcher.kubernetes(image = "") }
            shouldThrow<IllegalArgumentException> { Launcher.kubernetes(image = "a") { container = "b" } }
        }

        test("the builder of Java sets the same") {
            val options =
                KubernetesOptions()
                    .pod("a")
                    .image("b")
                    .namespace("c")
                    .container("d")
                    .client("e")
                    .clientOptions("f")
                    .runOptions("g")
                    .copy()
            options.run { listOf(pod, image, namespace, container, client) } shouldBe listOf("a", "b", "c", "d", "e")
            options.clientOptions shouldBe listOf("f")
            options.runOptions shouldBe listOf("g")
            "${Launcher.kubernetes(Consumer { it.pod("a").namespace("c") })}" shouldBe "Launcher.kubernetes(pod=a, namespace=c)"
            "${Launcher.kubernetes(image = "b")}" shouldBe "Launcher.kubernetes(image=b)"
        }
    })
