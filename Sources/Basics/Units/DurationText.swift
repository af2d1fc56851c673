/// Durations in words.
public enum DurationText {
    /// A duration in seconds as `0.8 s`, `12 s`, `3 min 20 s` or `2 h 5 min`.
    public static func of(_ seconds: Double) -> String {
        guard seconds >= 9.5 else { return FixedPoint.text(max(0, seconds), decimals: 1) + " s" }
        let whole = Int(min(seconds, 1e9).rounded())
        if whole < 60 { return "\(whole) s" }
        return whole < 3600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
