import Basics

/// The colour map viridis, by Stéfan van der Walt and Nathaniel Smith (matplotlib, 2015; CC0): even in lightness, and
/// told apart by colour-blind people and in grey.
enum Viridis {
    /// Colours of a drawing: finer steps cannot be told apart.
    static let steps = 32

    /// Every sixteenth of matplotlib's 256 colours, and the last.
    private static let anchors: [(Double, Double, Double)] = [
        (68, 1, 84), (72, 26, 108), (71, 47, 125), (65, 68, 135), (57, 86, 140), (49, 104, 142), (42, 120, 142),
        (35, 136, 142), (31, 152, 139), (34, 168, 132), (53, 183, 121), (84, 197, 104), (122, 209, 81),
        (165, 219, 54), (210, 226, 27), (253, 231, 37),
    ]

    /// The step of a value, 0 to 1.
    static func step(_ value: Double) -> Int {
        min(max(Int(value * Double(steps)), 0), steps - 1)
    }

    /// The colour of a step as `#rrggbb`.
    static func color(step: Int) -> String {
        let place = Double(step) / Double(steps - 1) * Double(anchors.count - 1)
        let index = min(Int(place), anchors.count - 2)
        let part = place - Double(index)
        let (low, high) = (anchors[index], anchors[index + 1])
        let mixed = [(low.0, high.0), (low.1, high.1), (low.2, high.2)].map { $0 + ($1 - $0) * part }
        return "#" + Hexadecimal.text(mixed.map { UInt8($0.rounded()) })
    }
}
