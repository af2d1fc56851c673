import MoE
import TestSupport
import Testing

@testable import Workloads

/// Loads step by step, for policies that place by them.
@Suite struct RecordedLoadsTests {
    private let model = ModelShape(
        layers: 2,
        experts: 3,
        expert: ExpertShape(hidden: 8, ffn: 8, activation: .swiglu)
    )

    private func loads(_ text: String, _ name: String, part: ClosedRange<Double> = RecordedLoads.whole) throws
        -> RecordedLoads
    {
        let folder = try TemporaryFolder()
        defer { extendLifetime(folder) }
        let path = try folder.write(text.utf8, as: name)
        return try RecordedLoads(path: path, model: model, stepTokens: 64, part: part)
    }

    /// The first layer is dense; layer 2 of it is idle in step 1, and so is everything in step 2.
    private static let steps = """
        {"logical_count": [[[0, 0, 0], [4, 2, 0], [1, 2, 3]], [[0, 0, 0], [5, 1, 0], [0, 0, 0]],
        [[0, 0, 0], [0, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 6, 0], [2, 2, 2]]]}
        """

    @Test func idleLayersAndStepsStayWhereTheyAre() throws {
        let loads = try loads(Self.steps, "loads.json")
        #expect(
            loads.layers == [
                [[4, 2, 0], [5, 1, 0], [0, 0, 0], [0, 6, 0]], [[1, 2, 3], [0, 0, 0], [0, 0, 0], [2, 2, 2]],
            ]
        )
        #expect(loads.coactivations == nil)
        let later = try self.loads(Self.steps, "loads.json", part: 0.5...1)
        #expect(later.layers == [[[0, 0, 0], [0, 6, 0]], [[0, 0, 0], [2, 2, 2]]])
    }

    @Test func stepsOfATableHaveNumbersOfTheirOwn() throws {
        var lines = ["step,layer,expert,count"]
        for step in [7, 9] {
            for layer in 0..<2 {
                for expert in 0..<3 { lines.append("\(step),\(layer),\(expert),\(step + layer * expert)") }
            }
        }
        let loads = try loads(lines.joined(separator: "\n") + "\n", "loads.csv")
        #expect(loads.layers == [[[7, 7, 7], [9, 9, 9]], [[7, 8, 9], [9, 10, 11]]])
    }

    @Test func loadsOfAnotherModelAreRefused() {
        #expect(throws: WorkloadError.self) { try loads(#"{"logical_count": [[1, 2], [3, 4]]}"#, "loads.json") }
        #expect(throws: WorkloadError.self) { try loads(#"{"logical_count": [[1, 2, 3]]}"#, "loads.json") }
    }
}
