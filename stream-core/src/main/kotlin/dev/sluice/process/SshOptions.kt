@file:NotOnAndroid

package dev.sluice.process

import dev.sluice.NotOnAndroid
import java.nio.file.Path

/** What [Launcher.ssh] tells the OpenSSH client, besides what its own configuration says. */
@NotOnAndroid
public class SshOptions internal constructor() {
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var port: Int? = null

    @get:JvmSynthetic
    @set:JvmSynthetic
    public var user: String? = null

    /** The file of the key to show. */
    @get:JvmSynthetic
    @set:JvmSynthetic
    public var identity: Path? = null

    private val settings = LinkedHashMap<String, String>()

    /** @see SshOptions.port */
    public fun port(port: Int): SshOptions = apply { this.port = port }

    /** @see SshOptions.user */
    public fun user(user: String): SshOptions = apply { this.user = user }

    /** @see SshOptions.identity */
    public fun identity(file: Path): SshOptions = apply { identity = file }

    /** A setting by its name in `ssh_config`, as `UserKnownHostsFile`. */
    public fun set(
        name: String,
        value: String,
    ): SshOptions = apply { settings[name] = value }

    internal fun arguments(): List<String> =
        listOfNotNull(
            port?.let { "Port=$it" },
            user?.let { "User=$it" },
            identity?.let { "IdentityFile=$it" },
        ).plus(settings.map { (name, value) -> "$name=$value" }).flatMap { listOf("-o", it) }

    internal fun copy(): SshOptions =
        SshOptions().also {
            it.port = port
            it.user = user
            it.identity = identity
            it.settings += settings
        }
}
