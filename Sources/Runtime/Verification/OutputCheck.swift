import Cluster
internal import Experts
internal import MoE
internal import Tensors

/// The check of a layer's expert outputs by recomputation in plain loops.
struct OutputCheck {
    /// The number of visits of tokens to experts that are recomputed between two calls of `pump`: a few seconds with
    /// the largest experts of the catalogue.
    private static let visitsPerPump = 16

    private let setup: SessionSetup
    /// The largest allowed error of an output, relative to the sum of |weight| * max |output| over the visits of the
    /// token.
    private let tolerance: Float

    init(setup: SessionSetup) {
        self.setup = setup
        // Single precision differs by the order of sums; bfloat16 by one rounding of 2^-9 in the inner activation or on
        // the wire.
        tolerance =
            [setup.computeType, setup.form.dispatch, setup.form.combine].allSatisfy { $0 == .f32 } ? 1e-5 : 1e-2
    }

    private struct Visit {
        let token: Int
        let inputRow: Int
        var inputWeight: Float = 1
        let outputWeight: Float
    }

    private struct Sums {
        var output: Matrix
        /// The output if the expert inputs had travelled in single precision, `[tokens, hidden]`.
        var exact: Matrix
        /// The sum of |weight| * max |output| of each token.
        var scale: [Float]
    }

    /// The result of checking one layer's outputs.
    struct Outcome {
        /// The tokens whose output is wrong.
        let wrongTokens: Set<Int>
        /// The error of the live outputs against outputs recomputed without rounding on the wire.
        let error: SquaredError
    }

    /// Recompute a layer's outputs, from inputs rounded as on the wire, and compare the live outputs with them.
    func check(_ kept: KeptLayer, pump: () throws(RuntimeError) -> Void) throws -> Outcome {
        let plan = kept.routed.routing.plan
        let zero = Matrix(rows: plan.tokens, columns: setup.model.hidden)
        var sums = Sums(output: zero, exact: zero, scale: [Float](repeating: 0, count: plan.tokens))
        for (expert, visits) in routedVisits(plan).enumerated() where !visits.isEmpty {
            if expert < setup.model.experts {
                try add(.routed(expert), visits, kept, &sums, pump)
            } else {
                addInputs(visits, kept, &sums)
            }
        }
        for (expert, visits) in zip(setup.model.commonExperts, kept.common) {
            let all = (0..<plan.tokens).map { token in
                Visit(token: token, inputRow: visits.firstRow + token, outputWeight: visits.weight(ofToken: token))
            }
            try add(expert.identity, all, kept, &sums, pump)
        }
        try finish(&sums, layer: kept.layer)
        let live = kept.combined.output
        let wrong = (0..<plan.tokens).filter { !agrees(live.row($0), sums.output.row($0), scale: sums.scale[$0]) }
        return Outcome(wrongTokens: Set(wrong), error: SquaredError(of: live, against: sums.exact))
    }

    private func routedVisits(_ plan: DispatchPlan) -> [[Visit]] {
        var visits = [[Visit]](repeating: [], count: plan.experts)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                let visit = Visit(
                    token: token,
                    inputRow: token,
                    inputWeight: plan.inputWeight(copy),
                    outputWeight: plan.outputWeight(copy)
                )
                visits[Int(plan.expert[copy])].append(visit)
            }
        }
        return visits
    }

    private func add(
        _ identity: ExpertIdentity,
        _ visits: [Visit],
        _ kept: KeptLayer,
        _ sums: inout Sums,
        _ pump: () throws(RuntimeError) -> Void
    ) throws {
        let parameters = try setup.experts.expertParameters(of: identity, layer: kept.layer)
        let expert = ReferenceExpert(parameters, dtype: setup.computeType)
        for (index, visit) in visits.enumerated() {
            if index % Self.visitsPerPump == 0 { try pump() }
            let input = kept.input.rows.row(visit.inputRow).map { visit.inputWeight * $0 }
            let output = expert(asTravelled(input))
            let exact = setup.form.dispatch == .f32 ? output : expert(input)
            sums.output.add(visit.outputWeight, output, at: 0, toRow: visit.token)
            sums.exact.add(visit.outputWeight, exact, at: 0, toRow: visit.token)
            sums.scale[visit.token] += abs(visit.outputWeight) * (output.map(abs).max() ?? 0)
        }
    }

    /// Add the visits to an identity expert: the input itself, which does not travel.
    private func addInputs(_ visits: [Visit], _ kept: KeptLayer, _ sums: inout Sums) {
        for visit in visits {
            let input = kept.input.rows.row(visit.inputRow).map { visit.inputWeight * $0 }
            sums.output.add(visit.outputWeight, input, at: 0, toRow: visit.token)
            sums.exact.add(visit.outputWeight, input, at: 0, toRow: visit.token)
            sums.scale[visit.token] += abs(visit.outputWeight) * (input.map(abs).max() ?? 0)
        }
    }

    private func asTravelled(_ row: [Float]) -> [Float] {
        let bytes = RowEncoding.encode(row, as: setup.form.dispatch)
        var decoded = row
        unsafe bytes.withUnsafeBytes { source in
            unsafe decoded.withUnsafeMutableBufferPointer { target in
                unsafe RowEncoding.decode(source, from: setup.form.dispatch, into: target)
            }
        }
        return decoded
    }

    private func finish(_ sums: inout Sums, layer: Int) throws(CheckpointError) {
        let bias = try setup.experts.outputBias(layer: layer)
        for token in sums.scale.indices {
            if let bias {
                sums.output.add(1, bias, at: 0, toRow: token)
                sums.exact.add(1, bias, at: 0, toRow: token)
            }
            sums.scale[token] = setup.model.outputScale * (sums.scale[token] + (bias?.map(abs).max() ?? 0))
        }
        sums.output.scale(by: setup.model.outputScale)
        sums.exact.scale(by: setup.model.outputScale)
    }

    private func agrees(_ live: ArraySlice<Float>, _ expected: ArraySlice<Float>, scale: Float) -> Bool {
        // Written so that a NaN on either side disagrees.
        zip(live, expected).allSatisfy { abs($0 - $1) <= scale * tolerance }
    }
}

/// The sum of the squared errors of some values, and of the squares of the exact values.
struct SquaredError: Sendable {
    private var error = 0.0
    private var size = 0.0

    /// Empty sums, of no values yet.
    init() {}

    init(of values: Matrix, against exact: Matrix) {
        for (value, exact) in zip(values.values, exact.values) {
            let difference = Double(value) - Double(exact)
            error += difference * difference
            size += Double(exact) * Double(exact)
        }
    }

    mutating func add(_ other: SquaredError) {
        error += other.error
        size += other.size
    }

    /// sqrt(sum of squared errors / sum of squares), or nil without values.
    var relative: Double? { size > 0 ? (error / size).squareRoot() : nil }
}
