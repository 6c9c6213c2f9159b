// Stands in the page right behind the bar: the choices of theme and language are made
// before the first paint, so nothing moves. Without it, and without storage, the page has
// its first choices.
for (const name of ["theme", "lang"]) {
  const radios = [...document.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)];
  const asked = location.search.slice(1).split("&");
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(name);
  } catch {
    // Storage is forbidden: nothing is kept.
  }
  const want = radios.find((r) => name === "lang" && asked.includes(r.value)) ?? radios.find((r) => r.value === kept);
  if (want) want.checked = true;
  if (want && name === "theme") document.documentElement.dataset.theme = want.value;
}
