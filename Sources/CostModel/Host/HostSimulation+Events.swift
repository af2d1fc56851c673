import Records

extension HostSimulation {
    /// What follows from the end of a piece of work.
    mutating func end(_ work: Work) {
        switch work {
        case .gate, .build, .send, .read, .combine, .finish: endOfCoordinator(work)
        case .ownExperts: ownIsDone = true
        case .latencyThere(let index, let rank):
            start(
                .bytesThere(index, rank: rank),
                seconds: costs.carried(chunk.ranks[rank].sentRows, costs.stack.dispatch)
            )
        case .bytesThere(let index, let rank):
            times[rank][index].received = now
            start(.wakeCompute(index, rank: rank), seconds: costs.wake)
        case .wakeCompute(let index, let rank):
            waiting[rank].append(index)
            computeNext(rank)
        case .compute(let index, let rank):
            times[rank][index].finished = now
            computing[rank] = false
            start(.wakeSocket(index, rank: rank), seconds: costs.wake)
            computeNext(rank)
        case .wakeSocket(let index, let rank):
            times[rank][index].returned = now
            start(.latencyBack(index, rank: rank), seconds: costs.latency)
        case .latencyBack(let index, let rank):
            start(
                .bytesBack(index, rank: rank),
                seconds: costs.carried(chunk.ranks[rank].replyRows, costs.stack.combine)
            )
        case .bytesBack(let index, let rank): inbox.append((index, rank))
        }
    }

    /// Starts the oldest chunk that lies at a rank.
    private mutating func computeNext(_ rank: Int) {
        guard !computing[rank], !waiting[rank].isEmpty else { return }
        let index = waiting[rank].removeFirst()
        computing[rank] = true
        times[rank][index].started = now
        start(.compute(index, rank: rank), seconds: compute[rank][index], cores: threads)
    }

    private mutating func endOfCoordinator(_ work: Work) {
        isIdle = true
        switch work {
        case .build(let index):
            unsent = chunk.ranks.indices.filter { chunk.ranks[$0].sentRows > 0 }
            missing[index] = unsent.count
            for rank in unsent { times[rank][index].ready = now }
            mayAdvance = true
            nextChunk += 1
            if unsent.isEmpty { complete.append(index) }
        case .send(let index, let rank):
            start(.latencyThere(index, rank: rank), seconds: costs.latency)
        case .read(let index, let rank):
            times[rank][index].collected = now
            lastArrival = now
            missing[index] -= 1
            if missing[index] == 0 { complete.append(index) }
        case .combine: combined += 1
        case .finish: isFinished = true
        default: break
        }
        if work == .gate, ownSeconds > 0 { start(.ownExperts, seconds: ownSeconds, cores: threads) }
    }

    /// Gives the coordinator's thread what it would do now, in the order of its loop; nothing when it has to wait.
    mutating func decide() {
        guard let (work, seconds) = nextWork() else { return }
        isIdle = false
        count(work, seconds)
        start(work, seconds: seconds)
    }

    private mutating func nextWork() -> (Work, Double)? {
        if !unsent.isEmpty { return send(unsent.removeFirst()) }
        let isFull = nextChunk - combined >= costs.stack.depth
        if nextChunk < layer.chunks, !mayAdvance, !isFull { return (.build(nextChunk), costs.build(chunk)) }
        if !complete.isEmpty {
            mayAdvance = false
            return (.combine(complete.removeFirst()), costs.combine(chunk))
        }
        if !inbox.isEmpty {
            let next = inbox.removeFirst()
            return (.read(next.chunk, rank: next.rank), costs.message)
        }
        if mayAdvance {
            mayAdvance = false
            return nextWork()
        }
        guard combined == layer.chunks else { return nil }
        guard ownSeconds > 0 else {
            isFinished = true
            return nil
        }
        guard ownIsDone else { return nil }
        sharedEnd = now
        return (.finish, costs.finish(layer))
    }

    private mutating func send(_ rank: Int) -> (Work, Double) {
        let index = nextChunk - 1
        times[rank][index].handedOver = now
        if firstHandOver == nil { firstHandOver = now }
        return (.send(index, rank: rank), costs.message)
    }

    private mutating func count(_ work: Work, _ seconds: Double) {
        switch work {
        case .build: busy.permute += seconds
        case .combine, .finish: busy.combine += seconds
        default: busy.messages += seconds
        }
    }
}
