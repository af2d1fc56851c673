/// Overlapping windows of consecutive steps, of several lengths, over which loads are summed.
///
/// A placement that keeps the busiest rank low in windows of several lengths is fitted less to the noise of one length.
struct LoadWindows {
    /// Lengths of windows, in steps; of fewer steps, all of them make one window.
    static let lengths = [2, 4, 8]
    /// The most windows of one length; of more steps, the windows stand further apart.
    static let most = 256

    /// The copies of each expert in each window that has any, `[windows][experts]`.
    let windows: [[Double]]

    /// The windows of the given steps, `[steps][experts]`.
    init(_ steps: [[Double]]) {
        var windows: [[Double]] = []
        let lengths = Self.lengths.filter { $0 <= steps.count }
        for length in lengths.isEmpty && !steps.isEmpty ? [steps.count] : lengths {
            let count = steps.count - length + 1
            let stride = Swift.max(1, (count + Self.most - 1) / Self.most)
            for first in Swift.stride(from: 0, to: count, by: stride) {
                windows.append(Self.sum(steps[first..<first + length]))
            }
        }
        self.windows = windows.filter { $0.contains { $0 > 0 } }
    }

    private static func sum(_ steps: ArraySlice<[Double]>) -> [Double] {
        guard var sum = steps.first else { return [] }
        for step in steps.dropFirst() {
            for expert in sum.indices { sum[expert] += step[expert] }
        }
        return sum
    }
}
