package dev.sluice.async

/**
 * Uses what Android's API level 26 lacks: process handles and `java.util.concurrent.Flow`. The build checks all other code against that level.
 */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS, AnnotationTarget.FUNCTION, AnnotationTarget.FILE)
internal annotation class NotOnAndroid
