//! The README shows the program that there is.

#[test]
fn the_program_is_shown_whole() {
    let program = include_str!("../examples/pixret-score.rs");
    assert!(include_str!("../README.md").contains(&format!("```rust\n{program}```")));
}
