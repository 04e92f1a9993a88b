package dev.sluice

/**
 * Uses what Android's API level 26 lacks: process handles, Unix sockets, `java.util.concurrent.Flow`.
 *
 * The build checks all other code against that level. Lambdas, default arguments and nested classes are not covered by the
 * mark of what they sit in, so such code lives in classes and files of its own.
 */
@Retention(AnnotationRetention.BINARY)
@Target(
    AnnotationTarget.CLASS,
    AnnotationTarget.FUNCTION,
    AnnotationTarget.CONSTRUCTOR,
    AnnotationTarget.PROPERTY_GETTER,
    AnnotationTarget.PROPERTY_SETTER,
    AnnotationTarget.FILE,
)
internal annotation class NotOnAndroid
