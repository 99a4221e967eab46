"""Lessons: the target's tokens and states, repeatable, and complete after an interruption."""

import pytest
import torch
from transformers import Gemma2Config, Gemma2ForCausalLM

from specsim.distill.lessons import OPENING, School, collect, load_lesson, opening_of_a_turn
from specsim.distill.teacher import Teacher


def test_states_give_the_very_laws_of_the_target(school, lm):
    for number in range(3):
        lesson = school.lesson(number, seed=0)
        with torch.inference_mode():
            laws = torch.softmax(lm.model(lesson.tokens).logits, -1)
        torch.testing.assert_close(school.teacher.laws(lesson.states), laws, atol=1e-5, rtol=1e-4)


def test_kinds_take_turns_and_begin_as_they_should(school, lm):
    asked, read, continued = (school.lesson(number, seed=0) for number in range(3))
    assert [lesson.kind for lesson in (asked, read, continued)] == list(school.kinds)
    opening = opening_of_a_turn(lm.tokenizer)
    assert lm.tokenizer.decode(opening) == "<s> user"
    assert asked.tokens[:, : len(opening)].tolist() == [opening] * school.rows
    text = " ".join(map(str, school.text.tolist()))
    assert all(" ".join(map(str, row)) in text for row in read.tokens.tolist())
    assert all(" ".join(map(str, row)) in text for row in continued.tokens[:, :OPENING].tolist())
    assert (asked.first, read.first, continued.first) == (len(opening) - 1, 0, OPENING - 1)


def test_without_text_and_template_the_target_writes_freely(teacher):
    school = School(teacher, None, torch.zeros(0).numpy(), rows=2, length=8)
    lesson = school.lesson(0, seed=0)
    assert (lesson.kind, lesson.first) == ("free", 0)
    assert lesson.tokens[:, 0].tolist() == [0, 0]


def test_a_lesson_depends_on_seed_and_number_alone(school):
    one, again, other = school.lesson(3, 0), school.lesson(3, 0), school.lesson(3, 1)
    assert torch.equal(one.tokens, again.tokens)
    assert torch.equal(one.states, again.states)
    assert not torch.equal(one.tokens, other.tokens)


def test_a_course_that_was_interrupted_is_completed(school, tmp_path):
    for folder, stop in ((tmp_path / "once", 3), (tmp_path / "twice", 1)):
        for number in collect(school, 3, 0, folder):
            if number + 1 == stop:
                break
    for _ in collect(school, 3, 0, tmp_path / "twice"):
        pass
    for number in range(3):
        mine, other = (load_lesson(tmp_path / f / f"{number:05d}.safetensors") for f in ("once", "twice"))
        assert torch.equal(mine.tokens, other.tokens)
        assert torch.equal(mine.states, other.states)
        assert (mine.kind, mine.first) == (other.kind, other.first)


def test_every_row_comes_once_an_epoch_and_a_step_repeats_itself(course):
    total = len(course.paths) * course.rows
    seen = [row for step in range(total // 4) for row in course.chosen(step, 4, seed=0)]
    assert sorted(seen) == list(range(total))
    assert sorted(seen) != seen
    tokens, states, counts = course.batch(5, 4, seed=0)
    assert tokens.shape == counts.shape == states.shape[:2]
    assert all(
        torch.equal(a, b) for a, b in zip((tokens, states, counts), course.batch(5, 4, seed=0), strict=True)
    )


def test_a_text_shorter_than_a_row_is_refused(teacher, lm):
    with pytest.raises(ValueError, match="40 tokens, got 39"):
        School(teacher, lm.tokenizer, torch.ones(39).long().numpy(), rows=2, length=40)


def test_a_network_that_caps_its_logits_is_refused():
    config = Gemma2Config(
        vocab_size=17,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        final_logit_softcapping=0.05,
        initializer_range=1.0,
    )
    with pytest.raises(ValueError, match="caps"):
        Teacher(Gemma2ForCausalLM(config))
