import Cluster
import SimulatedNetwork
import Tensors
import TestSupport

extension SeededRandom {
    /// A header with random fields.
    mutating func envelope(_ kind: MessageKind) -> Envelope {
        Envelope(
            kind: kind,
            dtype: [.f32, .bf16, .f8e4m3].randomElement(using: &self) ?? .f32,
            pass: Bool.random(using: &self) ? .forward : .backward,
            epoch: field(),
            step: field(),
            layer: field(),
            batch: field(),
            rank: field(),
            chunk: field(),
            segments: field(),
            rows: field(),
            sentRows: field(),
            exchange: field(),
            attempt: field(),
            payloadBytes: UInt64.random(in: 0 ... .max, using: &self),
            payloadChecksum: UInt64.random(in: 0 ... .max, using: &self),
            session: UInt64.random(in: 0 ... .max, using: &self),
            stamps: SIMD4(stamp(), stamp(), stamp(), stamp())
        )
    }

    private mutating func field() -> UInt32 {
        // Small numbers, and the ends of the range, find more than the middle of it.
        switch Int.random(in: 0..<4, using: &self) {
        case 0: .random(in: 0...3, using: &self)
        case 1: .max - .random(in: 0...3, using: &self)
        default: .random(in: 0 ... .max, using: &self)
        }
    }

    private mutating func stamp() -> Int64 {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: .min
        case 1: .max
        default: .random(in: .min ... .max, using: &self)
        }
    }
}

extension SeededRandom {
    /// One of the forms that an assignment may ask for.
    mutating func form() -> RowForm {
        let carriesWeights = Bool.random(using: &self)
        return RowForm(
            dispatch: [.f32, .bf16, .f8e4m3].randomElement(using: &self) ?? .f32,
            combine: Bool.random(using: &self) ? .f32 : .bf16,
            carriesWeights: carriesWeights,
            presums: carriesWeights && Bool.random(using: &self)
        )
    }
}
