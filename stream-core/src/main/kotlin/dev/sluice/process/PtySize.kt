package dev.sluice.process

/**
 * How large the window of a pseudo-terminal is, in characters.
 *
 * @throws IllegalArgumentException one of the two is not in 1..65535
 */
public data class PtySize(
    public val columns: Int,
    public val rows: Int,
) {
    init {
        require(columns in SIZES) { "the columns of a terminal must be in $SIZES, not $columns" }
        require(rows in SIZES) { "the rows of a terminal must be in $SIZES, not $rows" }
    }

    private companion object {
        val SIZES = 1..65535
    }
}
