/// What makes up for what was not heard, or not kept.
extension Watcher {
    /// Has the host listed anew, because the journal had no room for reports of it.
    ///
    /// What was lost is told again as it is then, by events that lead there from whatever state; a gap follows.
    package func resync(lost: Lost) {
    }
}
