@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid

/** In which pod the commands of [Launcher.kubernetes] run: either [pod] or [image] has to be set. */
@NotOnAndroid
public class KubernetesOptions internal constructor() {
    /** A pod that is there, and stays. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var pod: String? = null

    /** Of which a pod is made for the sandbox, and removed with it. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var image: String? = null

    /** Without one that of the client's configuration. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var namespace: String? = null

    /** The container of [pod], if it has several. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var container: String? = null

    /** The program, by its name or its path. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var client: String = "kubectl"

    internal val clientOptions = ArrayList<String>()
    internal val runOptions = ArrayList<String>()

    /** @see KubernetesOptions.pod */
    public fun pod(name: String): KubernetesOptions = apply { pod = name }

    /** @see KubernetesOptions.image */
    public fun image(name: String): KubernetesOptions = apply { image = name }

    /** @see KubernetesOptions.namespace */
    public fun namespace(name: String): KubernetesOptions = apply { namespace = name }

    /** @see KubernetesOptions.container */
    public fun container(name: String): KubernetesOptions = apply { container = name }

    /** @see KubernetesOptions.client */
    public fun client(program: String): KubernetesOptions = apply { client = program }

    /** Arguments of the client itself, before its command: `--context=staging`. */
    public fun clientOptions(vararg options: String): KubernetesOptions = apply { clientOptions += options }

    /** Further arguments of its `run`, which makes the pod of an image: `--pod-running-timeout=5m`. */
    public fun runOptions(vararg options: String): KubernetesOptions = apply { runOptions += options }

    internal fun copy(): KubernetesOptions =
        KubernetesOptions().also {
            it.pod = pod
            it.image = image
            it.namespace = namespace
            it.container = container
            it.client = client
            it.clientOptions += clientOptions
            it.runOptions += runOptions
        }
}
