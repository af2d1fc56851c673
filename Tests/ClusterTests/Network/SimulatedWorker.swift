import Cluster

/// A worker process in virtual time: its protocol, a clock of its own, and one thread that computes.
struct SimulatedWorker {
    /// What the compute thread does.
    enum Work {
        case load
        case batch(Envelope, BatchLayout, arrived: Nanoseconds, started: Nanoseconds)
    }

    let number: Int
    let stays: Bool
    /// Its clock minus the coordinator's.
    let clockOffset: Nanoseconds
    var machine: WorkerProtocol
    private(set) var peer: PeerID
    private(set) var hasEnded = false
    private(set) var exitReason: String?
    private(set) var redials = 0
    private(set) var wasAssigned = false
    private var busyUntil: Nanoseconds = 0

    init(number: Int, stays: Bool, clockOffset: Nanoseconds) {
        self.number = number
        self.stays = stays
        self.clockOffset = clockOffset
        peer = PeerID([0, UInt8(number)])
        machine = WorkerProtocol(hello: .worker(number), stays: stays, now: clockOffset)
    }

    mutating func tick(_ network: inout SimulatedNetwork) {
        carryOut(machine.tick(now: network.now + clockOffset), &network)
    }

    mutating func receive(_ packet: SimulatedNetwork.Packet, _ network: inout SimulatedNetwork) {
        carryOut(machine.received(packet.message, table: packet.table, now: network.now + clockOffset), &network)
    }

    mutating func finish(_ work: Work, _ network: inout SimulatedNetwork) {
        switch work {
        case .load:
            carryOut(machine.loaded(.fresh, now: network.now), &network)
        case .batch(let envelope, let layout, let arrived, let started):
            let finished = network.now + clockOffset
            let stamps = WorkerStamps(received: arrived, started: started, finished: finished, returned: finished)
            carryOut(machine.computed(envelope, layout: layout, stamps: stamps), &network)
        }
    }

    private mutating func carryOut(_ directives: [WorkerDirective], _ network: inout SimulatedNetwork) {
        for directive in directives {
            switch directive {
            case .send(let message):
                network.sendToCoordinator(.init(message: message), from: peer)
            case .load:
                wasAssigned = true
                compute(&network, upTo: 300 * millisecond) { _ in .load }
            case .compute(let envelope, let layout):
                let arrived = network.now + clockOffset
                let offset = clockOffset
                compute(&network, upTo: 20 * millisecond) { started in
                    .batch(envelope, layout, arrived: arrived, started: started + offset)
                }
            case .sendResult(let envelope):
                network.sendToCoordinator(.init(message: Message(envelope: envelope)), from: peer)
            case .redial:
                redials += 1
                peer = PeerID([UInt8(redials), UInt8(number)])
            case .exit(let reason):
                hasEnded = true
                exitReason = reason
            }
        }
    }

    /// Puts work behind what the thread has to do already.
    private mutating func compute(
        _ network: inout SimulatedNetwork,
        upTo longest: Nanoseconds,
        _ work: (_ started: Nanoseconds) -> Work
    ) {
        let started = max(network.now, busyUntil)
        busyUntil = started + .random(in: 1...longest, using: &network.random)
        network.schedule(.workDone(number, work(started)), after: busyUntil - network.now)
    }
}
