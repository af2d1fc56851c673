package import Cluster
import MoE
package import Tensors
import TestSupport

/// A worker process in virtual time: its protocol, a clock of its own, and one thread that computes.
package struct SimulatedWorker {
    /// What the compute thread does.
    package enum Work {
        case load(Assignment)
        case prepare(SlotArrival, Assignment.Weights, epoch: UInt32)
        case batch(Envelope, BatchLayout, AlignedBuffer, arrived: Nanoseconds, started: Nanoseconds)
    }

    package let number: Int
    let stays: Bool
    /// Its clock minus the coordinator's.
    private let clockOffset: Nanoseconds
    private var machine: WorkerProtocol
    private var assignment: Assignment?
    package private(set) var peer: PeerID
    package private(set) var hasEnded = false
    package private(set) var exitReason: String?
    package private(set) var redials = 0
    private var busyUntil: Nanoseconds = 0

    init(number: Int, stays: Bool, clockOffset: Nanoseconds) {
        self.number = number
        self.stays = stays
        self.clockOffset = clockOffset
        peer = PeerID([0, UInt8(number)])
        let hello = Hello(
            pid: Int32(100 + number),
            host: "host\(number)",
            bootID: "",
            processor: "a processor",
            rank: nil,
            heldWeightBytes: 0,
            residentBytes: 0,
            version: "1.0.0"
        )
        machine = WorkerProtocol(hello: hello, stays: stays, now: clockOffset)
    }

    /// Whether it was ever given experts.
    var wasAssigned: Bool { assignment != nil }

    mutating func tick(_ network: inout SimulatedRun.Network) {
        carryOut(machine.tick(now: network.now + clockOffset), &network)
    }

    mutating func receive(_ message: Message, _ network: inout SimulatedRun.Network) {
        carryOut(machine.received(message, now: network.now + clockOffset), &network)
    }

    mutating func receive(_ header: Envelope, _ rows: AlignedBuffer, _ network: inout SimulatedRun.Network) {
        let arrived = network.now + clockOffset
        let table = rows.bytes.prefix(Int(header.segments) * 8)
        switch machine.received(rows: header, table: Array(table), now: arrived) {
        case .compute(let header, let layout):
            let offset = clockOffset
            compute(&network, upTo: 20_000_000) { started in
                .batch(header, layout, rows, arrived: arrived, started: started + offset)
            }
        case .others(let directives):
            carryOut(directives, &network)
        }
    }

    mutating func finish(_ work: Work, _ network: inout SimulatedRun.Network) {
        switch work {
        case .load(let assignment):
            self.assignment = assignment
            let ready = Ready(weightBytes: 4096, kernels: ["lines"], reused: false)
            carryOut(machine.loaded(ready, now: network.now + clockOffset), &network)
        case .prepare(let arrival, let weights, let epoch):
            let copies = Set(arrival.experts).subtracting(weights.experts[arrival.layer]).count
            let answer = Prepared(
                layer: arrival.layer,
                map: arrival.map,
                copies: copies,
                bytes: copies * 1024,
                seconds: 0.1,
                refusal: refuses(arrival) ? "no room" : nil
            )
            carryOut(machine.prepared(answer, epoch: epoch).directives, &network)
        case .batch(let dispatch, let layout, let rows, let arrived, let started):
            let finished = network.now + clockOffset
            let stamps = WorkerStamps(received: arrived, started: started, finished: finished, returned: finished)
            guard let header = machine.computed(dispatch, layout: layout, stamps: stamps) else { return }
            let outputs = outputs(of: rows, layout, layer: Int(dispatch.layer))
            network.send(.rowsToCoordinator(header, outputs, from: peer), on: .toCoordinator(from: peer))
        }
    }

    /// The rows of a result, by the table, weights and index at the head of the payload.
    private func outputs(of payload: AlignedBuffer, _ layout: BatchLayout, layer: Int) -> AlignedBuffer {
        let bytes = payload.bytes
        let held = assignment?.weights.experts[layer] ?? []
        var values: [Float] = []
        for segment in layout.segments {
            let expert = segment.slot < held.count ? held[segment.slot] : assignment?.weights.model.experts ?? 0
            for _ in 0..<segment.rows {
                let row = values.count / layout.hidden
                let sent = Int(bytes.word(at: layout.indexOffset + row * 4))
                let place = layout.rowsOffset + sent * layout.sentRowBytes
                let input = (0..<layout.hidden).map { Float(bitPattern: bytes.word(at: place + $0 * 4)) }
                let weight =
                    layout.form.carriesWeights
                    ? Float(bitPattern: bytes.word(at: layout.weightsOffset + row * 4)) : 1
                values += SimulatedModel.output(expert: expert, layer: layer, input).map { weight * $0 }
            }
        }
        return AlignedBuffer(floats: values)
    }

    private mutating func carryOut(_ directives: [WorkerDirective], _ network: inout SimulatedRun.Network) {
        for directive in directives {
            switch directive {
            case .send(let message):
                network.send(.toCoordinator(message, from: peer), on: .toCoordinator(from: peer))
            case .load(let assignment):
                compute(&network, upTo: 300_000_000) { _ in .load(assignment) }
            case .prepare(let arrival, let weights, let epoch):
                // On a thread of its own, beside what is computed.
                network.schedule(.workDone(number, .prepare(arrival, weights, epoch: epoch)), upTo: 100_000_000)
            case .adopt(let layer, let experts): assignment?.weights.experts[layer] = experts
            case .drop: break
            case .redial:
                redials += 1
                peer = PeerID([UInt8(redials), UInt8(number)])
            case .exit(let reason):
                hasEnded = true
                exitReason = reason
            }
        }
    }

    /// Whether it has no room for the slots, as the second worker has none in the second layer.
    private func refuses(_ arrival: SlotArrival) -> Bool { number == 1 && arrival.layer == 1 }

    /// Puts work behind what the thread has to do already.
    private mutating func compute(
        _ network: inout SimulatedRun.Network,
        upTo longest: Nanoseconds,
        _ work: (_ started: Nanoseconds) -> Work
    ) {
        let started = max(network.now, busyUntil)
        busyUntil = started + .random(in: 1...longest, using: &network.random)
        network.schedule(.workDone(number, work(started)), after: busyUntil - network.now)
    }
}

extension [UInt8] {
    /// A little-endian word.
    func word(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(self[offset + $1]) << UInt32(8 * $1) }
    }
}
