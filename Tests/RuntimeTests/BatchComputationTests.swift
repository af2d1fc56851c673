import Cluster
import Experts
import MoE
import Tensors
import Testing
import Transport

@testable import Runtime

/// From the payload of a dispatch to the payload of its result, by real experts.
@Suite struct BatchComputationTests {
    private static let hidden = 24
    private let frames: FrameMaker

    init() throws {
        frames = try FrameMaker()
    }

    private func weights(_ dtype: DType = .f32, ffn: Int = 16) -> Assignment.Weights {
        let shape = ExpertShape(hidden: Self.hidden, ffn: ffn, activation: .swiglu)
        return Assignment.Weights(
            source: .seed(3),
            model: ModelShape(layers: 1, experts: 3, expert: shape),
            dtype: dtype,
            products: ProductPlan(tokens: 1, copies: 1, experts: 3),
            experts: [[0, 1, 2]],
            holdsCommonExperts: true,
            threads: 1
        )
    }

    private func rows(_ count: Int) -> Matrix {
        var samples = Samples(seed: count)
        return samples.matrix(rows: count, columns: Self.hidden)
    }

    /// The outputs, row after row. A header of another length puts the payload at another address.
    private func outputs(_ payload: TestPayload, computeType: DType = .f32, header: Int = 1) throws -> [[Float]] {
        let form = payload.layout.form
        let shard = try ExpertShard(weights(computeType), outputType: form.outputType(computeType: computeType))
        return try outputs(payload, BatchComputation(shard: shard), header: header)
    }

    private func outputs(_ payload: TestPayload, _ computation: BatchComputation, header: Int = 1) throws -> [[Float]] {
        let parcel = try frames.parcel(head: [UInt8](repeating: 1, count: header), payload: .buffer(payload.buffer))
        let frame = try #require(parcel.payload)
        let result = try computation.run(.init(layer: 0, layout: payload.layout, payload: frame))
        #expect(result.byteCount == payload.layout.replyByteCount)
        let bytes = unsafe result.withUnsafeBytes { unsafe Array($0) }
        return (0..<payload.layout.replyRows).map { row in
            let place = row * payload.layout.replyRowBytes
            return TestLayer.decoded(bytes, at: place, Self.hidden, payload.layout.form.combine)
        }
    }

    private func form(_ dispatch: DType = .f32, _ combine: DType = .f32, weights: Bool = false, presums: Bool = false)
        -> RowForm
    {
        RowForm(dispatch: dispatch, combine: combine, carriesWeights: weights, presums: presums)
    }

    /// Three experts; tokens 0, 1 and 2, and two of them twice.
    private func shared(_ form: RowForm) -> TestPayload {
        TestPayload(
            [(0, 2), (1, 1), (2, 2)],
            sentRow: [0, 1, 1, 0, 2],
            weights: [0.5, -2, 3, 0.25, 1.5],
            rows: rows(3),
            form: form
        )
    }

    @Test func everySegmentGoesToItsExpert() throws {
        let found = try outputs(shared(form()))
        let seeded = SeededWeights(seed: 3)
        for (row, place) in [(0, 0), (0, 1), (1, 1), (2, 0), (2, 2)].enumerated() {
            let shape = weights().model.expert
            let expert = ReferenceExpert(seeded.parameters(of: .routed(place.0), layer: 0, shape: shape), dtype: .f32)
            let expected = expert(Array(rows(3).row(place.1)))
            let error = zip(found[row], expected).map { abs($0 - $1) }.max() ?? .nan
            #expect(error <= 1e-5 * (expected.map(abs).max() ?? 0), "row \(row)")
        }
    }

    /// The same rows in their order, which are read in place, and turned round, which are gathered.
    @Test(arguments: [1, 31, 32, 33, 70])
    func gatheredRowsGiveTheSameBits(count: Int) throws {
        let rows = rows(count)
        let turned = Matrix(
            rows: count,
            columns: Self.hidden,
            values: (0..<count).reversed().flatMap { Array(rows.row($0)) }
        )
        let straight = TestPayload([(1, count)], sentRow: Array(0..<count), rows: rows, form: form())
        let index = Array((0..<count).reversed())
        let gathered = TestPayload([(1, count)], sentRow: index, rows: turned, form: form())
        #expect(try outputs(straight) == outputs(gathered))
    }

    /// Where the network library puts a payload follows from the messages before it.
    @Test func anyAddressGivesTheSameBits() throws {
        let payload = TestPayload([(0, 40)], sentRow: Array(0..<40), rows: rows(40), form: form())
        let expected = try outputs(payload)
        for header in 2...9 { #expect(try outputs(payload, header: header) == expected, "header of \(header)") }
    }

    @Test func aRowThatWasNotSentIsAnError() throws {
        let payload = TestPayload([(0, 1), (1, 1)], sentRow: [0, 7], rows: rows(2), form: form())
        #expect(throws: ComputeError("row 1 reads row 7 of 2 that were sent")) { try outputs(payload) }
    }

    private let weightsOfRows: [Float] = [0.5, -2, 3, 0.25, 1.5]

    @Test(arguments: [DType.f32, .bf16])
    func weightsMultiplyTheOutputs(combine: DType) throws {
        let plain = try outputs(shared(form()))
        let found = try outputs(shared(form(.f32, combine, weights: true)))
        for row in 0..<5 {
            #expect(
                found[row] == TestLayer.travelled(plain[row].map { weightsOfRows[row] * $0 }, combine),
                "row \(row)"
            )
        }
    }

    /// In the order of the experts, in singles, and rounded once.
    @Test(arguments: [DType.f32, .bf16])
    func presumsAddTheRowsOfASentRow(combine: DType) throws {
        let plain = try outputs(shared(form()))
        let found = try outputs(shared(form(.f32, combine, weights: true, presums: true)))
        for (sent, rows) in [[0, 3], [1, 2], [4]].enumerated() {
            var sum = [Float](repeating: 0, count: Self.hidden)
            for row in rows {
                for column in 0..<Self.hidden { sum[column] += weightsOfRows[row] * plain[row][column] }
            }
            #expect(found[sent] == TestLayer.travelled(sum, combine), "sent row \(sent)")
        }
    }

    /// Sums do not stay from one batch to the next.
    @Test func aBatchBeginsAnew() throws {
        let computation = BatchComputation(shard: try ExpertShard(weights()))
        let small = shared(form(weights: true, presums: true))
        let first = try outputs(small, computation)
        let large = TestPayload(
            [(0, 50)],
            sentRow: Array(0..<50),
            weights: [Float](repeating: 1, count: 50),
            rows: rows(50),
            form: form(weights: true, presums: true)
        )
        _ = try outputs(large, computation)
        #expect(try outputs(small, computation) == first)
    }

    /// Rows that are decoded first give what the decoded rows give.
    @Test(arguments: [DType.bf16, .f8e4m3])
    func roundedRowsAreComputedAsTheyArrive(dispatch: DType) throws {
        let rows = rows(3)
        let decoded = (0..<3).flatMap { TestLayer.travelled(Array(rows.row($0)), dispatch) }
        let segments = [(0, 2), (2, 3)]
        let rounded = TestPayload(segments, sentRow: [0, 1, 0, 1, 2], rows: rows, form: form(dispatch))
        let same = Matrix(rows: 3, columns: Self.hidden, values: decoded)
        let exact = TestPayload(segments, sentRow: [0, 1, 0, 1, 2], rows: same, form: form())
        #expect(try outputs(rounded) == outputs(exact))
    }

    /// Products in bfloat16 read rows of bfloat16 where they are, and others rounded.
    @Test func productsReadTheirOwnType() throws {
        let singles = TestPayload([(0, 5)], sentRow: [0, 1, 2, 3, 4], rows: rows(5), form: form())
        let halves = TestPayload([(0, 5)], sentRow: [0, 1, 2, 3, 4], rows: rows(5), form: form(.bf16))
        #expect(try outputs(singles, computeType: .bf16) == outputs(halves, computeType: .bf16))
    }

    /// Experts without weights, which show what dispatch and combine alone cost.
    @Test(arguments: [DType.f32, .bf16])
    func expertsOfWidthZeroReturnTheirInput(combine: DType) throws {
        let plain = BatchComputation(shard: try ExpertShard(weights(combine, ffn: 0), outputType: combine))
        let found = try outputs(shared(form(.f32, combine)), plain)
        let inputs = [0, 1, 1, 0, 2].map { TestLayer.travelled(Array(rows(3).row($0)), combine) }
        #expect(found == inputs)
        let summing = BatchComputation(shard: try ExpertShard(weights(ffn: 0)))
        let sums = try outputs(shared(form(weights: true, presums: true)), summing)
        #expect(sums[2] == rows(3).row(2).map { 1.5 * $0 })
    }

    /// Written by the kernel itself where its products are in bfloat16, and rounded once in either case.
    @Test(arguments: [DType.f32, .bf16])
    func outputsInBFloat16AreThoseInSinglesRounded(computeType: DType) throws {
        let singles = try outputs(shared(form()), computeType: computeType)
        let halves = try outputs(shared(form(.f32, .bf16)), computeType: computeType)
        #expect(halves == singles.map { TestLayer.travelled($0, .bf16) })
    }
}
