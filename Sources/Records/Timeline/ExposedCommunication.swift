/// The part of a layer during which data is on its way and nobody computes: what communication really costs.
public enum ExposedCommunication {
    /// Seconds in `window` during which something travels while no rank computes and the coordinator is not busy.
    ///
    /// - Parameters:
    ///   - chunks: the chunks of all ranks that may travel in the window, in any order.
    ///   - window: the time that is looked at, in nanoseconds on the coordinator's clock.
    ///   - coordinatorBusy: when the coordinator computed, on the same clock.
    public static func seconds(
        chunks: [ChunkStamps],
        window: Range<Int64>,
        coordinatorBusy: [Range<Int64>]
    ) -> Double {
        var sweep = IntervalSweep()
        for chunk in chunks {
            sweep.add(chunk.fitted.stamps)
        }
        for busy in coordinatorBusy {
            sweep.add(.coordinator, from: busy.lowerBound, to: busy.upperBound)
        }
        var exposed: Int64 = 0
        sweep.forEachPiece(of: window) { piece, active in
            let travels = !active.isDisjoint(with: [.dispatch, .combine])
            let works = !active.isDisjoint(with: [.compute, .coordinator])
            if travels && !works { exposed += piece.upperBound - piece.lowerBound }
        }
        return Double(exposed) / 1e9
    }
}
