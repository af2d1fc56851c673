internal import Tensors

extension CoordinatorProtocol {
    /// Hands out chunks as long as their rank has credit. A chunk larger than the credit goes out alone.
    mutating func dispatchWithinCredit() -> [CoordinatorDirective] {
        guard case .working(var progress) = state else { return [] }
        var directives: [CoordinatorDirective] = []
        for rank in members.indices {
            let credit = plan.assignments[rank].creditBytes
            while let index = progress.waiting[rank].last, let member = members[rank] {
                let bytes = progress.chunks[index].dispatchBytes + progress.chunks[index].replyBytes
                guard member.bytesInFlight == 0 || member.bytesInFlight + bytes <= credit else { break }
                progress.waiting[rank].removeLast()
                progress.stages[index] = .sent
                members[rank]?.bytesInFlight += bytes
                let envelope = envelope(of: progress.chunks[index], progress)
                directives.append(.dispatch(index: index, envelope: envelope, to: member.peer))
            }
        }
        state = .working(progress)
        return directives
    }

    private func envelope(of chunk: ChunkWork, _ progress: LayerProgress) -> Envelope {
        Envelope(
            kind: .dispatch,
            dtype: plan.assignments[chunk.rank].payload,
            epoch: plan.epoch,
            step: progress.step,
            layer: progress.layer,
            rank: UInt32(chunk.rank),
            chunk: UInt32(chunk.chunk),
            segments: UInt32(chunk.segments),
            rows: UInt32(chunk.rows),
            payloadBytes: UInt64(chunk.dispatchBytes)
        )
    }

    mutating func takeResult(_ envelope: Envelope, _ rank: Int) -> [CoordinatorDirective] {
        guard case .working(var progress) = state else { return [] }
        guard envelope.step == progress.step, envelope.layer == progress.layer else { return [] }
        guard let index = progress.index(rank: rank, chunk: Int(envelope.chunk)), progress.stages[index] != .waiting
        else {
            return breach(rank, "sent the result of a chunk \(envelope.chunk) that it was never given")
        }
        guard progress.stages[index] == .sent else { return [] }
        let chunk = progress.chunks[index]
        guard Int(envelope.rows) == chunk.rows, envelope.payloadBytes == UInt64(chunk.replyBytes),
            envelope.dtype == plan.assignments[rank].payload
        else {
            return breach(
                rank,
                "sent \(envelope.rows) rows, \(envelope.payloadBytes) bytes of \(envelope.dtype.rawValue)"
                    + " where \(chunk.rows) rows, \(chunk.replyBytes) bytes of"
                    + " \(plan.assignments[rank].payload.rawValue) were due"
            )
        }
        progress.stages[index] = .collected
        progress.missing -= 1
        members[rank]?.bytesInFlight -= chunk.dispatchBytes + chunk.replyBytes
        let collect = CoordinatorDirective.collect(index: index, stamps: stampsOnOwnClock(envelope, rank))
        guard progress.missing > 0 else {
            state = .ready
            return [collect, .layerComplete]
        }
        state = .working(progress)
        return [collect] + dispatchWithinCredit()
    }

    private mutating func stampsOnOwnClock(_ result: Envelope, _ rank: Int) -> WorkerStamps {
        guard let member = members[rank] else { return WorkerStamps(result) }
        members[rank]?.usedUncertainty = max(member.usedUncertainty, member.clock.uncertainty ?? 0)
        return WorkerStamps(result).moved(by: member.clock.offset)
    }
}
