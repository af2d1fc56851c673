import Records

/// The phases of a layer and the time that they take together.
struct LayerSchedule {
    /// Each phase on its own; of two halves, both together.
    let times: LayerTimes
    /// From the gate to the last output, overlaps taken off.
    let seconds: Double

    /// The part during which data was on its way while nothing computed.
    var exposed: Double { max(0, seconds - times.work) }

    /// Where the time of a rank goes. What it does not send, compute or receive, it waits.
    func seconds(ofRank rank: Int) -> PhaseSeconds {
        let all = times.communication
        let visible = all > 0 ? min(1, exposed / all) : 0
        var phases = PhaseSeconds(
            dispatch: times.dispatch[rank] * visible,
            compute: times.compute[rank],
            combine: times.combine[rank] * visible
        )
        phases.wait = max(0, seconds - times.gate - phases.total)
        return phases
    }
}
