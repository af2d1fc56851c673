import Cluster
import MoE
import Placement
import Tensors
import Testing

/// Payloads byte by byte.
@Suite struct DispatchEncoderTests {
    /// Every token goes to both experts of the one rank.
    private func bytes(_ form: RowForm, _ target: WeightTarget, rows: Matrix) throws -> [UInt8] {
        let plan = DispatchPlan(
            experts: 2,
            copyOffsets: [0, 2, 4],
            expert: [0, 1, 1, 0],
            weight: [0.5, 2, -1, 4],
            position: [0, 0, 1, 1],
            weightTarget: target
        )
        let placement = try PlacementPolicy.contiguous.layerPlacement(experts: 2, ranks: 1)
        let task = ChunkTask(
            plan: plan,
            slots: SlotPlan(plan, placement: placement),
            common: [],
            sources: SourceRanks(tokens: 2, ranks: 1)
        )
        var builder = ChunkBuilder(hidden: rows.columns, form: form, byteLimit: 1 << 20)
        let part = builder.chunk(of: task, tokens: 0..<2).ranks[0]
        let encoder = DispatchEncoder(hidden: rows.columns, form: form)
        let buffer = encoder.encode(part, encoder.layout(of: part), input: rows)
        return unsafe buffer.withUnsafeBytes { unsafe Array($0) }
    }

    private func rows() -> Matrix {
        var samples = Samples(seed: 8)
        return samples.matrix(rows: 2, columns: 130)
    }

    @Test(arguments: [DType.f32, .bf16, .f8e4m3], [false, true])
    func isWhatTheProtocolDescribes(dispatch: DType, carriesWeights: Bool) throws {
        let form = RowForm(dispatch: dispatch, combine: .f32, carriesWeights: carriesWeights)
        let payload = TestPayload(
            [(0, 2), (1, 2)],
            sentRow: [0, 1, 0, 1],
            weights: [0.5, 4, 2, -1],
            rows: rows(),
            form: form
        )
        #expect(try bytes(form, .output, rows: rows()) == payload.bytes)
    }

    /// Weights of the input are in the rows, and those that travel are 1.
    @Test func inputWeightsAreMultipliedIn() throws {
        let form = RowForm(dispatch: .f32, combine: .f32, carriesWeights: true)
        let values = [(0, 0.5), (1, 4), (0, 2), (1, -1)].flatMap { token, weight in
            rows().row(token).map { Float(weight) * $0 }
        }
        let payload = TestPayload(
            [(0, 2), (1, 2)],
            sentRow: [0, 1, 2, 3],
            weights: [1, 1, 1, 1],
            rows: Matrix(rows: 4, columns: 130, values: values),
            form: form
        )
        #expect(try bytes(form, .input, rows: rows()) == payload.bytes)
    }
}
