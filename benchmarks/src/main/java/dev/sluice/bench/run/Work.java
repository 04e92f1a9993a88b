package dev.sluice.bench.run;

/**
 * Something that peers do side by side.
 *
 * @param group selects it together with its kin
 * @param name selects it alone
 * @param unit what is counted
 */
public record Work(String group, String name, String title, String unit) {
    public boolean isCalled(String word) {
        return word.equals(group) || word.equals(name);
    }
}
