import Cluster
import MoE
import Placement
import Tensors
import Testing

@testable import Runtime

/// Dispatch and combine against a plain sum, with workers that a few lines stand for.
@Suite struct DispatchCombineTests {
    private static let forms = [
        RowForm(dispatch: .f32, combine: .f32),
        RowForm(dispatch: .f32, combine: .f32, carriesWeights: true),
        RowForm(dispatch: .f32, combine: .f32, carriesWeights: true, presums: true),
        RowForm(dispatch: .bf16, combine: .bf16),
        RowForm(dispatch: .bf16, combine: .bf16, carriesWeights: true),
        RowForm(dispatch: .bf16, combine: .bf16, carriesWeights: true, presums: true),
        RowForm(dispatch: .f8e4m3, combine: .bf16),
        RowForm(dispatch: .f8e4m3, combine: .f32, carriesWeights: true, presums: true),
    ]

    private func bits(_ matrix: Matrix) -> [UInt32] { matrix.values.map(\.bitPattern) }

    private func layer(seed: Int, _ form: RowForm) throws -> TestLayer {
        var layer = try TestLayer(seed: seed)
        layer.addCommon(seed: seed)
        layer.form = form
        return layer
    }

    /// Bit for bit, however the layer is cut, and in any order of arrival.
    @Test(arguments: forms)
    func combineIsAPlainSum(form: RowForm) throws {
        let frames = try FrameMaker()
        for seed in 0..<16 {
            let layer = try layer(seed: seed, form)
            let expected = bits(layer.plainSum())
            for (shuffle, cut) in [(Int.max, Int.max), (1, Int.max), (7, 600)].enumerated() {
                let result = try layer.combined(chunkTokens: cut.0, byteLimit: cut.1, frames: frames, shuffle: shuffle)
                #expect(bits(result.kept.output) == expected, "seed \(seed), chunks of \(cut)")
            }
        }
    }

    @Test(arguments: [0, 1, 5, 7])
    func theOutputIsAddedToTheStream(seed: Int) throws {
        let layer = try layer(seed: seed, forms[0])
        var samples = Samples(seed: 99)
        let initial = samples.matrix(rows: layer.plan.tokens, columns: layer.rows.columns)
        let result = try layer.combined(chunkTokens: 4, stream: initial, frames: FrameMaker(), shuffle: 1)
        var expected = initial
        expected.add(layer.plainSum())
        #expect(bits(result.stream) == bits(expected))
    }

    private var forms: [RowForm] { Self.forms }

    /// What the common experts gave, weighted but not scaled.
    @Test(arguments: [2, 3, 6, 7])
    func partsOfCommonExpertsAreKept(seed: Int) throws {
        let layer = try layer(seed: seed, forms[0])
        let result = try layer.combined(chunkTokens: 4, frames: FrameMaker(), shuffle: 1)
        #expect(result.kept.common.map(bits) == layer.localParts().map(bits))
    }

    @Test func tokensThatLostAllTheirCopiesGetZeros() throws {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 1, 2],
            expert: [0, 1],
            weight: [1, 1],
            position: [DispatchPlan.dropped, 0]
        )
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 2, ranks: 2)
        for form in forms.prefix(3) {
            var layer = TestLayer(plan: plan, placement: placement, rows: Matrix(rows: 2, columns: 2, repeating: 3))
            layer.form = form
            let result = try layer.combined(chunkTokens: 1, frames: FrameMaker(), shuffle: 0).kept.output
            #expect(Array(result.row(0)) == [0, 0])
            #expect(Array(result.row(1)) == layer.expert(1, [3, 3]))
        }
    }
}
