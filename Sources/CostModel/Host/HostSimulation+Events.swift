internal import Cluster
import Records

extension HostSimulation {
    /// What follows from the end of a piece of work.
    mutating func end(_ work: Work) {
        switch work {
        case .gate, .build, .send, .read, .combine, .finish: endOfCoordinator(work)
        case .ownExperts: machine.ownExpertsDone()
        case .latencyThere(let piece):
            start(
                .bytesThere(piece),
                seconds: costs.carried(chunk.ranks[piece.rank].sentRows, costs.stack.dispatch)
            )
        case .bytesThere(let piece):
            times[piece.rank][piece.chunk].received = now
            start(.wakeCompute(piece), seconds: costs.wake)
        case .wakeCompute(let piece):
            waiting[piece.rank].append(piece)
            computeNext(piece.rank)
        case .compute(let piece):
            times[piece.rank][piece.chunk].finished = now
            computing[piece.rank] = false
            start(.wakeSocket(piece), seconds: costs.wake)
            computeNext(piece.rank)
        case .wakeSocket(let piece):
            times[piece.rank][piece.chunk].returned = now
            start(.latencyBack(piece), seconds: costs.latency)
        case .latencyBack(let piece):
            start(
                .bytesBack(piece),
                seconds: costs.carried(chunk.ranks[piece.rank].replyRows, costs.stack.combine)
            )
        case .bytesBack(let piece): inbox.append(piece)
        }
    }

    /// Starts the oldest chunk that lies at a rank.
    private mutating func computeNext(_ rank: Int) {
        guard !computing[rank], !waiting[rank].isEmpty else { return }
        let piece = waiting[rank].removeFirst()
        computing[rank] = true
        times[rank][piece.chunk].started = now
        start(.compute(piece), seconds: compute[rank][piece.chunk], cores: threads)
    }

    private mutating func endOfCoordinator(_ work: Work) {
        isIdle = true
        switch work {
        case .gate:
            // A chunk of the model is a token of the machine's.
            machine.routed(tokens: layer.chunks, chunkTokens: 1, now: 0)
            if ownSeconds > 0 { start(.ownExperts, seconds: ownSeconds, cores: threads) }
        case .build(let index): endOfBuild(index)
        case .send(let piece):
            start(.latencyThere(piece), seconds: costs.latency)
        case .read(let piece):
            times[piece.rank][piece.chunk].collected = now
            lastArrival = now
            _ = machine.collected(piece)
        case .combine: send(machine.combined())
        case .finish: machine.finished()
        default: break
        }
    }

    private mutating func endOfBuild(_ index: Int) {
        let used = chunk.ranks.indices.filter { chunk.ranks[$0].sentRows > 0 }
        for rank in used { times[rank][index].ready = now }
        send(machine.built(index, works: used.map { ChunkWork(rank: $0) }, upTo: index + 1))
    }

    private mutating func send(_ handovers: [StepMachine<Int>.Handover]) { unsent += handovers.map(\.piece) }

    /// Gives the coordinator's thread what it would do now, in the order of its loop; nothing when it has to wait.
    mutating func decide() {
        guard let (work, seconds) = nextWork() else { return }
        isIdle = false
        count(work, seconds)
        start(work, seconds: seconds)
    }

    /// What is handed over is sent before anything else.
    private mutating func nextWork() -> (Work, Double)? {
        if !unsent.isEmpty { return send(unsent.removeFirst()) }
        switch machine.next {
        case .route: return (.gate, costs.gate(layer))
        case .build(_, let chunks): return (.build(chunks.lowerBound), costs.build(chunk))
        case .combine: return (.combine, costs.combine(chunk))
        case .finish:
            guard ownSeconds > 0 else { return (.finish, 0) }
            sharedEnd = now
            return (.finish, costs.finish(layer))
        case .look:
            guard inbox.isEmpty else { return (.read(inbox.removeFirst()), costs.message) }
            machine.looked()
            return nextWork()
        case .wait: return inbox.isEmpty ? nil : (.read(inbox.removeFirst()), costs.message)
        case .end:
            isFinished = true
            return nil
        }
    }

    private mutating func send(_ piece: PieceID) -> (Work, Double) {
        times[piece.rank][piece.chunk].handedOver = now
        if firstHandOver == nil { firstHandOver = now }
        return (.send(piece), costs.message)
    }

    private mutating func count(_ work: Work, _ seconds: Double) {
        switch work {
        case .gate: break
        case .build: busy.permute += seconds
        case .combine, .finish: busy.combine += seconds
        default: busy.messages += seconds
        }
    }
}
