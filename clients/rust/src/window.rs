use std::collections::VecDeque;
use std::time::{Duration, Instant};

use prost::Message;
use tonic::Code;

use crate::chain::ChainDigest;
use crate::error::Error;
use crate::item::Item;
use crate::wire;

const BATCH_BYTES: usize = 1 << 20;
const WINDOW_ITEMS: usize = 16 << 10;
const WINDOW_BYTES: usize = 64 << 20;

/// The items that were read and are not acknowledged yet, so that they can be sent again.
///
/// Items wait until a batch is full, or its first has waited for `linger` when another comes; from then on they are
/// due. What the session held before is passed over: it is only digested, and compared with the session's own digest.
pub(crate) struct Window {
    batch_items: usize,
    linger: Duration,
    held: VecDeque<(wire::Item, usize)>, // with its size
    base: u64,                           // offset of the first item held
    bytes: usize,
    due: u64, // every item below this offset is to be sent
    waiting_bytes: usize,
    waiting_since: Instant,
    passed_over: (u64, Vec<u8>),
    chain: ChainDigest, // of all items that were read
    encoded: Vec<u8>,   // the last item's bytes; kept for its room
}

impl Window {
    pub(crate) fn new(batch_items: usize, linger: Duration) -> Self {
        Self {
            batch_items,
            linger,
            held: VecDeque::new(),
            base: 0,
            bytes: 0,
            due: 0,
            waiting_bytes: 0,
            waiting_since: Instant::now(),
            passed_over: (0, Vec::new()),
            chain: ChainDigest::default(),
            encoded: Vec::new(),
        }
    }

    /// Offset of the first item that is not acknowledged.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    pub(crate) fn chain(&self) -> ChainDigest {
        self.chain
    }

    /// Whether nothing more should be read before something is acknowledged.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= WINDOW_ITEMS || self.bytes >= WINDOW_BYTES
    }

    /// Whether there is a batch to send from an offset on.
    pub(crate) fn is_due(&self, offset: u64) -> bool {
        offset < self.due
    }

    /// Takes note of what the session holds before anything is sent.
    pub(crate) fn pass_over(&mut self, offset: u64, chain: Vec<u8>) {
        self.passed_over = (offset, chain);
    }

    /// Takes the next item of the source; fails when the session holds other items than those that were read.
    pub(crate) fn push(&mut self, item: Item) -> Result<(), Error> {
        let item = wire::Item::from(item);
        self.encoded.clear();
        item.encode(&mut self.encoded).expect("a vector has room");
        self.chain.extend(&self.encoded);
        if self.end() < self.passed_over.0 {
            self.base += 1;
            self.due = self.base;
            return self.compare();
        }
        self.hold(item, self.encoded.len());
        Ok(())
    }

    /// Takes note that the source has ended, so that nothing waits for more.
    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.release();
        if self.end() < self.passed_over.0 {
            Err(self.conflict())
        } else {
            Ok(())
        }
    }

    /// Lets go of the items below an offset.
    pub(crate) fn acknowledge(&mut self, offset: u64) {
        while self.base < offset {
            let Some((_, size)) = self.held.pop_front() else { return };
            self.base += 1;
            self.bytes -= size;
        }
    }

    /// The items that are due from an offset on, as many as fit in a message.
    pub(crate) fn batch(&self, offset: u64) -> wire::ItemBatch {
        let due = self
            .held
            .range((offset - self.base) as usize..(self.due - self.base) as usize);
        let mut bytes = 0;
        let fitting = due.take(self.batch_items).take_while(|(_, size)| {
            let first = bytes == 0;
            bytes += size;
            first || bytes <= BATCH_BYTES
        });
        wire::ItemBatch {
            offset,
            items: fitting.map(|(item, _)| item.clone()).collect(),
        }
    }

    fn end(&self) -> u64 {
        self.base + self.held.len() as u64
    }

    fn hold(&mut self, item: wire::Item, size: usize) {
        if self.waiting_bytes + size > BATCH_BYTES {
            self.release();
        }
        if self.due == self.end() {
            self.waiting_since = Instant::now();
        }
        self.held.push_back((item, size));
        self.bytes += size;
        self.waiting_bytes += size;
        let waiting = (self.end() - self.due) as usize;
        if waiting >= self.batch_items || self.is_full() || self.waiting_since.elapsed() >= self.linger {
            self.release();
        }
    }

    /// Makes everything due.
    fn release(&mut self) {
        self.due = self.end();
        self.waiting_bytes = 0;
    }

    fn compare(&self) -> Result<(), Error> {
        let (offset, chain) = &self.passed_over;
        let is_same = chain.is_empty() || chain == self.chain.as_bytes();
        if self.base < *offset || is_same {
            Ok(())
        } else {
            Err(self.conflict())
        }
    }

    fn conflict(&self) -> Error {
        let message = format!(
            "the session holds other items below offset {}; send the same, or begin another session",
            self.passed_over.0
        );
        Error::new(Code::AlreadyExists, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Ranking;

    const NEVER: Duration = Duration::MAX;

    fn ranking(images: usize) -> Item {
        Ranking {
            query: 0.into(),
            images: vec![0; images],
        }
        .into()
    }

    fn filled(batch_items: usize, linger: Duration, sizes: &[usize]) -> Window {
        let mut window = Window::new(batch_items, linger);
        for &size in sizes {
            window.push(ranking(size)).unwrap();
        }
        window
    }

    /// Items in the batches from an offset on.
    fn batches(window: &Window, mut offset: u64) -> Vec<usize> {
        let mut lengths = Vec::new();
        while window.is_due(offset) {
            lengths.push(window.batch(offset).items.len());
            offset += lengths.last().copied().unwrap() as u64;
        }
        lengths
    }

    #[test]
    fn a_batch_is_due_when_it_is_full_or_the_source_has_ended() {
        let mut window = filled(2, NEVER, &[1; 5]);
        assert_eq!(batches(&window, 0), [2, 2]);
        window.finish().unwrap();
        assert_eq!(batches(&window, 0), [2, 2, 1]);
        assert_eq!(batches(&window, 3), [2]);
    }

    #[test]
    fn a_batch_is_due_when_more_would_be_too_large() {
        let mut window = filled(
            256,
            NEVER,
            &[BATCH_BYTES / 2, BATCH_BYTES / 3, BATCH_BYTES / 3, 2 * BATCH_BYTES, 1],
        );
        window.finish().unwrap();
        assert_eq!(batches(&window, 0), [2, 1, 1, 1]);
    }

    #[test]
    fn an_item_that_comes_late_sends_its_batch() {
        assert_eq!(batches(&filled(256, Duration::ZERO, &[1; 3]), 0), [3]);
        assert!(batches(&filled(256, NEVER, &[1; 3]), 0).is_empty());
    }

    #[test]
    fn a_full_window_is_due_and_has_room_when_something_is_acknowledged() {
        let mut window = filled(2 * WINDOW_ITEMS, NEVER, &vec![0; WINDOW_ITEMS]);
        assert!(window.is_full());
        assert_eq!(batches(&window, 0), [WINDOW_ITEMS]);
        window.acknowledge(1);
        assert!(!window.is_full());
        assert_eq!(window.base(), 1);
    }

    #[test]
    fn what_the_session_held_is_passed_over() {
        let held = filled(1, NEVER, &[1, 2]).chain();
        let mut window = Window::new(1, NEVER);
        window.pass_over(2, held.as_bytes().into());
        for size in [1, 2, 3] {
            window.push(ranking(size)).unwrap();
        }
        assert_eq!(window.batch(window.base()).offset, 2);
        assert_eq!(window.chain(), filled(1, NEVER, &[1, 2, 3]).chain());
    }

    #[test]
    fn other_items_than_the_session_held_are_refused() {
        let held = filled(1, NEVER, &[1, 2]).chain();
        let mut window = Window::new(1, NEVER);
        window.pass_over(2, held.as_bytes().into());
        window.push(ranking(1)).unwrap();
        let words =
            "ALREADY_EXISTS: the session holds other items below offset 2; send the same, or begin another session";
        assert_eq!(window.push(ranking(3)).unwrap_err().to_string(), words);
        let mut short = Window::new(1, NEVER);
        short.pass_over(2, held.as_bytes().into());
        assert_eq!(short.finish().unwrap_err().to_string(), words);
    }
}
