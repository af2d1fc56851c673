import Cluster
import MoE
import Tensors

let second = Nanoseconds(1_000_000_000)
let millisecond = Nanoseconds(1_000_000)

/// Waits of the protocol tests: 10 s to start, 1 s heartbeat, 30 s a layer.
let deadlines = ClusterPlan.Deadlines(start: 10 * second, heartbeat: second, layer: 30 * second)

extension Hello {
    /// The worker with process id 100 + `number` on a host of its own.
    static func worker(_ number: Int, rank: Int? = nil, bootID: String = "") -> Hello {
        Hello(
            pid: Int32(100 + number),
            host: "host\(number)",
            bootID: bootID,
            processor: "a processor",
            rank: rank,
            heldWeightBytes: 0,
            residentBytes: 0,
            version: "1.0.0"
        )
    }
}

extension Ready {
    static let fresh = Ready(weightBytes: 4096, kernels: ["jit:avx2"], reused: false)
}

extension Assignment {
    /// Two layers of four experts of width 8; the rank holds `held` experts of each layer.
    static func tiny(
        rank: Int = 0,
        held: [Int] = [0, 1],
        sharedExpert: Bool = false,
        form: RowForm = .singles,
        creditBytes: Int = 1000,
        silenceLimit: Nanoseconds = 5 * second
    ) -> Assignment {
        let shape = ExpertShape(hidden: 8, ffn: 16, activation: .swiglu)
        return Assignment(
            rank: rank,
            weights: Weights(
                source: .seed(1),
                model: ModelShape(layers: 2, experts: 4, expert: shape, sharedExpert: sharedExpert ? shape : nil),
                dtype: .f32,
                products: ProductPlan(tokens: 1, copies: 1, experts: 4),
                experts: [held, held],
                holdsCommonExperts: true,
                threads: 1
            ),
            form: form,
            creditBytes: creditBytes,
            silenceLimit: silenceLimit,
            delay: nil
        )
    }
}

extension RowForm {
    /// Singles both ways, and weights that stay with the coordinator.
    static let singles = RowForm(dispatch: .f32, combine: .f32)
    /// The same with weights that travel along.
    static let weightedSingles = RowForm(dispatch: .f32, combine: .f32, carriesWeights: true)
    /// The same with one sum back for each row that was sent.
    static let presummedSingles = RowForm(dispatch: .f32, combine: .f32, carriesWeights: true, presums: true)
}

extension PeerID {
    /// The peer of worker number `number`.
    static func worker(_ number: Int) -> PeerID { PeerID([0, UInt8(number)]) }
}

extension Message {
    /// A control message of the given kind with a JSON payload.
    static func control(_ kind: MessageKind, _ value: some Encodable, epoch: UInt32 = 0) throws -> Message {
        let bytes = try ControlCoding.encode(value)
        return Message(
            envelope: Envelope(kind: kind, epoch: epoch, payloadBytes: UInt64(bytes.count)),
            control: bytes
        )
    }
}
