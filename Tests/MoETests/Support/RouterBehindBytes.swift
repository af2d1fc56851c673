import Tensors

@testable import MoE

/// A program of a ``CommandRouter`` within the test: it reads the bytes of a request by itself, and answers with the
/// choices of another router.
struct RouterBehindBytes: RouterChannel {
    /// What becomes of its answers.
    var change: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    func answer(to request: RouterRequest) throws(RoutingError) -> [UInt8] {
        let asked = try AskedRows(request.encoded())
        var batch = RouterBatch(Matrix(rows: asked.tokens, columns: asked.columns, values: asked.values))
        batch.experts = asked.columns
        let plan = try TopKRouter.softmax(topK: asked.topK, normalize: true).route(batch).plan
        let choices = ChoiceRows(plan, width: asked.topK)
        return change(asked.answer(experts: choices.experts, weights: choices.weights))
    }
}

/// A request as its bytes have it, read without the code that wrote it.
struct AskedRows {
    let head: [UInt32]
    let seed: UInt64
    let values: [Float]

    init(_ bytes: [UInt8]) throws(RoutingError) {
        func number(_ place: Int) -> UInt32 {
            UInt32(bytes[place]) + UInt32(bytes[place + 1]) << 8 + UInt32(bytes[place + 2]) << 16
                + UInt32(bytes[place + 3]) << 24
        }
        guard bytes.count >= 48, String(decoding: bytes[..<8], as: UTF8.self) == "epsimreq" else {
            throw RoutingError("no request")
        }
        head = (0..<8).map { number(8 + 4 * $0) }
        seed = UInt64(number(40)) | UInt64(number(44)) << 32
        guard bytes.count == 48 + 4 * Int(head[3]) * Int(head[4]) else { throw RoutingError("\(bytes.count) bytes") }
        values = stride(from: 48, to: bytes.count, by: 4).map { Float(bitPattern: number($0)) }
    }

    var tokens: Int { Int(head[3]) }
    var columns: Int { Int(head[4]) }
    var topK: Int { Int(head[6]) }

    /// The bytes of an answer.
    func answer(experts: [Int32], weights: [Float]) -> [UInt8] {
        let words =
            [head[1], head[2], head[3], head[6]] + experts.map { UInt32(bitPattern: $0) } + weights.map(\.bitPattern)
        return Array("epsimans".utf8) + words.flatMap { word in (0..<4).map { UInt8(word >> (8 * UInt32($0)) & 255) } }
    }
}

extension RouterCatalogue {
    /// The router called `name`; where it needs a program, ``RouterBehindBytes`` is that.
    static func running(_ name: String, _ options: RouterOptions) throws -> any Router {
        let router = try router(named: name, options: options)
        guard var command = router as? CommandRouter else { return router }
        command.channel = RouterBehindBytes()
        return command
    }
}
