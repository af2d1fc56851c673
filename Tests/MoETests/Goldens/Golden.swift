import Basics
import Tensors
import TestSupport
import Testing

@testable import MoE

/// A published rule's numbers: what goes in, and what must come out.
struct Golden {
    let name: String
    let inputs: JSON
    let outputs: JSON

    init(_ file: CaseFile) throws {
        let json = try file.json()
        name = file.name
        inputs = try #require(json["inputs"])
        outputs = try #require(json["outputs"])
    }

    /// The input `logits` as a batch.
    func batch(_ key: String = "logits") throws -> RouterBatch {
        RouterBatch(Matrix(try #require(inputs[key]).rows))
    }

    func number(_ key: String) throws -> Double {
        try #require(inputs[key]?.number, "no input \(key)")
    }

    func count(_ key: String) throws -> Int {
        Int(try number(key))
    }

    /// Expects the numbers under an output's key; logits come in as singles, so the limit is 1e-6.
    func expect(_ found: [Double], _ key: String, within tolerance: Double = 1e-6) {
        let expected = outputs[key]?.numbers ?? []
        #expect(!expected.isEmpty, "no output \(key)")
        #expect(found.count == expected.count, "\(key)")
        for (index, pair) in zip(found, expected).enumerated() {
            let limit = tolerance * max(1, abs(pair.1))
            #expect(abs(pair.0 - pair.1) <= limit, "\(key)[\(index)]: \(pair.0), expected \(pair.1)")
        }
    }

    func expect(_ found: Double, _ key: String, within tolerance: Double = 1e-6) {
        expect([found], key, within: tolerance)
    }

    func expect(_ found: [Int], _ key: String) {
        expect(found.map { Double($0) }, key, within: 0)
    }

    /// Expects the weights of the copies that are kept, as a dense table.
    func expectCombine(_ plan: DispatchPlan, _ key: String = "combine") {
        var dense = [Double](repeating: 0, count: plan.tokens * plan.experts)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) where plan.isKept(copy) {
                dense[token * plan.experts + Int(plan.expert[copy])] = Double(plan.weight[copy])
            }
        }
        expect(dense, key)
    }

    /// Expects the places, as a dense table with -1 for what is not placed.
    func expectDenseSlots(_ plan: DispatchPlan) {
        var dense = [Int](repeating: -1, count: plan.tokens * plan.experts)
        for token in 0..<plan.tokens {
            for copy in plan.copies(ofToken: token) {
                dense[token * plan.experts + Int(plan.expert[copy])] = Int(plan.position[copy])
            }
        }
        expect(dense, "slot")
    }
}

extension TopKRouter {
    /// The router of a family, changed by `change`.
    static func family(_ name: String, topK: Int? = nil, _ change: (inout TopKRule) -> Void = { _ in }) throws
        -> TopKRouter
    {
        var rule = try #require(RouterFamily.named(name)).rule
        rule.topK = topK ?? rule.topK
        rule.noise = nil
        change(&rule)
        return TopKRouter(rule: rule)
    }
}
