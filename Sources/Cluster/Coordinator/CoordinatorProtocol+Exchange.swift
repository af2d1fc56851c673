internal import Tensors

extension CoordinatorProtocol {
    /// Begins an exchange; those of another micro-batch may be under way.
    ///
    /// - Precondition: the cluster is ready, and none of this micro-batch is under way.
    public mutating func begin(_ id: ExchangeID, now: Nanoseconds) {
        precondition(state == .ready, "an exchange begins when the cluster is ready")
        precondition(!exchanges.contains { $0.id.batch == id.batch }, "a layer begins when the one before is complete")
        exchanges.append(ExchangeProgress(id: id, deadline: now + plan.deadlines.layer, ranks: members.count))
    }

    /// Adds work to an exchange and sends it, as far as credit allows.
    public mutating func submit(_ works: [ChunkWork], to id: ExchangeID) -> [CoordinatorDirective] {
        guard let place = place(of: id) else { return [] }
        for work in works { exchanges[place].append(work) }
        return dispatchWithinCredit()
    }

    /// True when some work of an exchange has no credit yet.
    public func isWaiting(_ id: ExchangeID) -> Bool {
        place(of: id).map { exchanges[$0].isWaiting } ?? false
    }

    /// The results of these works are not held any more; what they took of the credit is free.
    public mutating func release(_ indices: [Int], of id: ExchangeID) -> [CoordinatorDirective] {
        guard let place = place(of: id) else { return [] }
        for index in indices where exchanges[place].stages[index] == .collected {
            exchanges[place].stages[index] = .released
            members[exchanges[place].works[index].rank]?.bytesInFlight -= exchanges[place].works[index].bytes
        }
        return dispatchWithinCredit()
    }

    /// Ends an exchange whose results are all released.
    public mutating func end(_ id: ExchangeID) {
        exchanges.removeAll { $0.id == id }
    }

    private func place(of id: ExchangeID) -> Int? { exchanges.firstIndex { $0.id == id } }

    /// Hands out work as long as its rank has credit, older exchanges first. Work larger than the credit goes out alone.
    private mutating func dispatchWithinCredit() -> [CoordinatorDirective] {
        guard state == .ready else { return [] }
        return members.indices.flatMap { dispatchWithinCredit(of: $0) }
    }

    private mutating func dispatchWithinCredit(of rank: Int) -> [CoordinatorDirective] {
        var directives: [CoordinatorDirective] = []
        let credit = plan.assignments[rank].creditBytes
        for place in exchanges.indices {
            while let index = exchanges[place].nextWaiting(rank: rank), let member = members[rank] {
                let work = exchanges[place].works[index]
                guard member.bytesInFlight == 0 || member.bytesInFlight + work.bytes <= credit else {
                    return directives
                }
                exchanges[place].takeWaiting(rank: rank)
                members[rank]?.bytesInFlight += work.bytes
                let id = exchanges[place].id
                directives.append(.dispatch(id, index: index, envelope: envelope(of: work, id), to: member.peer))
            }
        }
        return directives
    }

    private func envelope(of work: ChunkWork, _ id: ExchangeID) -> Envelope {
        Envelope(
            kind: .dispatch,
            dtype: plan.assignments[work.rank].form.dispatch,
            epoch: plan.epoch,
            step: id.step,
            layer: id.layer,
            batch: id.batch,
            rank: UInt32(work.rank),
            chunk: UInt32(work.chunk),
            segments: UInt32(work.segments),
            rows: UInt32(work.rows),
            sentRows: UInt32(work.sentRows),
            payloadBytes: UInt64(work.dispatchBytes)
        )
    }

    mutating func takeResult(_ envelope: Envelope, _ rank: Int) -> [CoordinatorDirective] {
        let id = ExchangeID(envelope)
        guard let place = place(of: id) else { return [] }
        guard let index = exchanges[place].index(rank: rank, chunk: Int(envelope.chunk)),
            exchanges[place].stages[index] != .waiting
        else {
            return breach(rank, "sent the result of a chunk \(envelope.chunk) that it was never given")
        }
        guard exchanges[place].stages[index] == .sent else { return [] }
        let work = exchanges[place].works[index]
        let agreed = plan.assignments[rank].form.combine
        guard Int(envelope.rows) == work.rows, envelope.payloadBytes == UInt64(work.replyBytes),
            envelope.dtype == agreed
        else {
            return breach(
                rank,
                "sent \(envelope.rows) rows, \(envelope.payloadBytes) bytes of \(envelope.dtype.rawValue)"
                    + " where \(work.rows) rows, \(work.replyBytes) bytes of \(agreed.rawValue) were due"
            )
        }
        exchanges[place].stages[index] = .collected
        return [.collect(id, index: index, stamps: stampsOnOwnClock(envelope, rank))]
    }

    private mutating func stampsOnOwnClock(_ result: Envelope, _ rank: Int) -> WorkerStamps {
        guard let member = members[rank] else { return WorkerStamps(result) }
        members[rank]?.usedUncertainty = max(member.usedUncertainty, member.clock.uncertainty ?? 0)
        return WorkerStamps(result).moved(by: member.clock.offset)
    }
}
