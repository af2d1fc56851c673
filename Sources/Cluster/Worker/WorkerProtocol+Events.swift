internal import MoE
internal import Tensors

extension WorkerProtocol {
    mutating func takeAssignment(_ message: Message, _ now: Nanoseconds) -> [WorkerDirective] {
        guard case .dialling = state else { return [] }
        do {
            let assignment = try ControlCoding.decode(Assignment.self, from: message.control)
            try assignment.check()
            epoch = message.envelope.epoch
            assigned = (message.envelope.stamps.x, now)
            state = .loading(assignment)
            return [.load(assignment)]
        } catch {
            return giveUp("the coordinator sent \(error)")
        }
    }

    mutating func takeDispatch(_ envelope: Envelope, _ table: [UInt8]) -> [WorkerDirective] {
        guard case .serving(let assignment) = state, envelope.epoch == epoch else { return [] }
        do {
            guard Int(envelope.layer) < assignment.weights.model.layers else {
                throw WireError("tokens for layer \(envelope.layer) of \(assignment.weights.model.layers)")
            }
            guard envelope.batch < Self.microBatches else {
                throw WireError("tokens of micro-batch \(envelope.batch); a step has at most \(Self.microBatches)")
            }
            let agreed = assignment.form.dispatch
            guard envelope.dtype == agreed else {
                throw WireError("\(envelope.dtype.rawValue) tokens where \(agreed.rawValue) was agreed")
            }
            guard arrived.insert(envelope) else { return [] }
            let layout = try BatchLayout(
                envelope: envelope,
                table: table,
                slots: assignment.weights.slots(inLayer: Int(envelope.layer)),
                hidden: assignment.weights.model.hidden,
                form: assignment.form
            )
            let bytes = layout.byteCount + layout.replyByteCount
            guard bytesHeld == 0 || bytesHeld + bytes <= assignment.creditBytes else {
                throw WireError("\(bytes) bytes beyond the credit of \(assignment.creditBytes)")
            }
            bytesHeld += bytes
            return [.compute(envelope, layout)]
        } catch {
            return giveUp("the coordinator sent \(error)")
        }
    }

    func answer(_ ping: Envelope, _ now: Nanoseconds) -> [WorkerDirective] {
        guard ping.epoch == epoch else { return [] }
        var envelope = ping
        envelope.kind = .pong
        envelope.stamps = SIMD4(ping.stamps.x, now, now, 0)
        return [.send(Message(envelope: envelope))]
    }

    mutating func takeRefusal(_ message: Message, _ now: Nanoseconds) -> [WorkerDirective] {
        let reason = (try? ControlCoding.decode(Notice.self, from: message.control))?.reason ?? "no reason given"
        return leave(now, "the coordinator refused this worker: \(reason)")
    }

    mutating func takeRelease(_ release: Envelope, _ now: Nanoseconds) -> [WorkerDirective] {
        guard release.epoch == epoch else { return [] }
        let bye = WorkerDirective.send(Message(envelope: Envelope(kind: .bye, epoch: epoch, rank: release.rank)))
        return [bye] + leave(now, nil)
    }

    /// Ends the part in this run; a worker that stays dials again.
    mutating func leave(_ now: Nanoseconds, _ reason: String?) -> [WorkerDirective] {
        guard stays else { return exit(reason) }
        if case .loading = state { abandonedLoads += 1 }
        epoch = 0
        bytesHeld = 0
        arrived = ArrivedBatches()
        state = .dialling(nextHello: now + Self.helloPause, deadline: nil)
        return [.redial]
    }

    /// Tells the coordinator why, and ends.
    mutating func giveUp(_ reason: String) -> [WorkerDirective] {
        control(.failed, Notice(reason: reason)) + exit(reason)
    }

    mutating func exit(_ reason: String?) -> [WorkerDirective] {
        state = .ended
        return [.exit(reason: reason)]
    }

    func control<Value: Encodable>(
        _ kind: MessageKind,
        _ value: Value,
        stamps: SIMD4<Int64> = .zero
    ) -> [WorkerDirective] {
        do {
            let bytes = try ControlCoding.encode(value)
            let envelope = Envelope(kind: kind, epoch: epoch, payloadBytes: UInt64(bytes.count), stamps: stamps)
            return [.send(Message(envelope: envelope, control: bytes))]
        } catch {
            return [.exit(reason: error.description)]
        }
    }
}
