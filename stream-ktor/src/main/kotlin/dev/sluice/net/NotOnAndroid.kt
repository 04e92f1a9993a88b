package dev.sluice.net

/** Uses what Android's API level 26 lacks; the build checks all other code against that level. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS)
internal annotation class NotOnAndroid
