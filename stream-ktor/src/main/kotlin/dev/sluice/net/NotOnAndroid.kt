package dev.sluice.net

/** As the mark of the same name in `dev.sluice`: what it stands on uses more than Android's API level 26 has. */
@Retention(AnnotationRetention.BINARY)
@Target(
    AnnotationTarget.CLASS,
    AnnotationTarget.FUNCTION,
    AnnotationTarget.CONSTRUCTOR,
    AnnotationTarget.FILE,
)
internal annotation class NotOnAndroid
