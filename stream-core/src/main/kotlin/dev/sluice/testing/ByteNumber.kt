package dev.sluice.testing

import kotlin.properties.ReadWriteProperty
import kotlin.reflect.KProperty

/** A property that says at which byte something happens, or with `null` that it does not. */
internal class ByteNumber : ReadWriteProperty<Any, Long?> {
    private var number: Long? = null

    override fun getValue(
        thisRef: Any,
        property: KProperty<*>,
    ): Long? = number

    override fun setValue(
        thisRef: Any,
        property: KProperty<*>,
        value: Long?,
    ) {
        require(value == null || value >= 0) { "${property.name} can't be $value" }
        number = value
    }
}
