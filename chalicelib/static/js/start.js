/** The only script a page names: it starts the module each `data-module` element asks for. */
for (const element of document.querySelectorAll('[data-module]')) {
  const name = element.getAttribute('data-module') ?? '';
  if (!/^[a-z]+$/.test(name)) continue;
  import(`./${name}.js`).then((module) => {
    module.start(element);
    element.setAttribute('data-started', '');
  });
}
