import Basics
internal import FoundationEssentials

/// The purpose of a message. The raw values are the wire format; 13 (the weights of an expert that moves) and 14 (the
/// update of a learning step) are reserved.
public enum MessageKind: UInt8, CaseIterable, Sendable {
    /// Worker to coordinator: here I am (JSON ``Hello``).
    case hello = 1
    /// Coordinator to worker: your rank and your experts (JSON ``Assignment``).
    case assign = 2
    /// Worker to coordinator: weights are in place (JSON ``Ready``).
    case ready = 3
    /// Coordinator to worker: token rows (raw, see ``BatchLayout``).
    case dispatch = 4
    /// Worker to coordinator: output rows (raw), which also acknowledge the dispatch.
    case result = 5
    /// Coordinator to worker: are you there, and what time is it.
    case ping = 6
    /// Worker to coordinator: the answer to a ping.
    case pong = 7
    /// Coordinator to a peer: not accepted, with the reason (JSON ``Notice``).
    case refuse = 8
    /// Coordinator to worker: the run is over.
    case release = 9
    /// Coordinator to worker: end your process.
    case stop = 10
    /// Worker to coordinator: I cannot go on, with the reason (JSON ``Notice``).
    case failed = 11
    /// Worker to coordinator: the release has arrived. Until then the coordinator must keep the connection open: a
    /// peer that is still sending when it closes loses what it has not read.
    case bye = 12
    /// Worker to coordinator: I did nothing for a while, from stamp x to stamp y on my clock.
    case away = 15
    /// Coordinator to worker: load the slots that a layer is to have (JSON ``SlotArrival``), while the old ones serve.
    case prepare = 16
    /// Worker to coordinator: the slots of an arrival are loaded, or why not (JSON ``Prepared``).
    case prepared = 17
    /// Coordinator to worker, between two steps: the prepared slots of a layer serve from now on, or are dropped (JSON
    /// ``Settlement``).
    case settle = 18

    /// True when the payload is JSON or empty, false when it is rows.
    public var isControl: Bool {
        self != .dispatch && self != .result
    }
}

/// A received message as the state machines see it: the header, and the bytes of a control payload.
///
/// Rows stay with the shell; the machines only decide about them.
public struct Message: Equatable, Sendable {
    /// The header of the message.
    public var envelope: Envelope
    /// The JSON of a control message; empty for rows.
    public var control: [UInt8]

    /// A message whose control payload is `control`.
    public init(envelope: Envelope, control: [UInt8] = []) {
        self.envelope = envelope
        self.control = control
    }
}

/// The reason why bytes from the wire are not a valid message.
public struct WireError: Error, Equatable, CustomStringConvertible {
    /// One sentence: what was found and what is allowed.
    public let description: String

    /// An error with its sentence.
    public init(_ description: String) {
        self.description = description
    }
}

/// The coding of control payloads, which are JSON.
public enum ControlCoding {
    /// Largest control payload that is read, in bytes: 1,024 layers of 65,536 experts would be far less.
    public static let byteLimit = 256 << 20

    /// Encode a control payload.
    public static func encode<Value: Encodable>(_ value: Value) throws(WireError) -> [UInt8] {
        do {
            return Array(try JSONText.line(value, called: "a control payload").utf8)
        } catch {
            throw WireError("\(error)")
        }
    }

    /// Decode a control payload of the given type.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(WireError) -> Value {
        do {
            return try JSONText.decode(type, from: Data(bytes), keys: .asTheyAre)
        } catch {
            throw WireError("a control payload that is no \(type)")
        }
    }
}

/// The reason of a refusal or a failure, for a person.
public struct Notice: Codable, Equatable, Sendable {
    /// The reason, one sentence.
    public var reason: String

    /// A notice with its sentence.
    public init(reason: String) {
        self.reason = reason
    }
}
