/// Numbers with their nouns.
public enum Counted {
    /// `1 run`, `2 runs`.
    public static func text(_ count: Int, _ noun: String) -> String { "\(count) \(Self.noun(count, noun))" }

    /// `run` for one, `runs` for all other numbers.
    public static func noun(_ count: Int, _ noun: String) -> String { count == 1 ? noun : noun + "s" }
}
